/** A side's turn in one native job, off the event loop from the check of the signature to the traffic keys. */
import type { HandshakeOperations, HandshakeSecrets } from '../../crypto/handshake.js';
import { Secret } from '../../crypto/secret.js';
import { Identity } from '../../keys/identity.js';
import { awaitOperation } from '../machine.js';
import { SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import type { Exchange } from './exchange.js';
import { announce, isSingle } from './parts.js';
import { stepExchange } from './step-exchange.js';

export function jobExchange(handshake: HandshakeOperations): Exchange {
  return {
    offer({ identity, transcript }, next) {
      const offer = handshake.offer(Identity.secretKeyOf(identity), () => transcript.bytes());
      return awaitOperation('for-us', offer, ({ frames, kemSecretKey }, out) => {
        out.keep(kemSecretKey);
        announce(out, 5);
        announce(out, 6, { fingerprint: identity.fingerprint });
        transcript.add(frames);
        return next([frames], kemSecretKey, out);
      });
    },

    answer({ identity, transcript, batches }, trusted, _kem, auth, next) {
      const { publicKey, fingerprint } = trusted.peer;
      transcript.add(auth.header, auth.body);
      const answer = handshake.answer(Identity.secretKeyOf(identity), publicKey, () => transcript.bytes(), batches);
      return awaitOperation('verify', answer, (answered, out) => {
        const signature = SignatureValid.by(answered !== undefined, trusted);
        out.proven();
        const { frames, secrets } = answered as NonNullable<typeof answered>;
        const agreement = agreementOf(secrets);
        out.keep(agreement);
        announce(out, 9, { fingerprint });
        announce(out, 10);
        announce(out, 11, { fingerprint: identity.fingerprint });
        return next([frames], signature, agreement, out);
      });
    },

    accept(agreed, trusted, kemSecretKey, kem, auth, next) {
      const { transcript } = agreed;
      const { publicKey, fingerprint } = trusted.peer;
      // A signature for several handshakes, and what has no right form, is for the others.
      if (!isSingle(auth, agreed)) return stepExchange.accept(agreed, trusted, kemSecretKey, kem, auth, next);
      transcript.add(auth.header, auth.body);
      const accept = handshake.accept(publicKey, kemSecretKey, () => transcript.bytes());
      return awaitOperation('for-us', accept, (secrets, out) => {
        const signature = SignatureValid.by(secrets !== undefined, trusted);
        kemSecretKey.dispose();
        const agreement = agreementOf(secrets as HandshakeSecrets);
        out.keep(agreement);
        announce(out, 13, { fingerprint });
        announce(out, 14);
        return next(signature, agreement, out);
      });
    },
  };
}

function agreementOf({ serverMac, clientMac, client, server, master }: HandshakeSecrets): Agreement {
  let ours = [serverMac, clientMac, client, server, master];
  return {
    serverMac: Secret.bytesOf(serverMac),
    clientMac: Secret.bytesOf(clientMac),
    open: () => {
      ours = [serverMac, clientMac];
      return { client, server, master };
    },
    dispose: () => {
      for (const secret of ours) secret.dispose();
    },
  };
}
