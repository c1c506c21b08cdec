/** A side's turn out of single operations, with the transcript and the key schedule in between: the reference. */
import type { Secret } from '../../crypto/secret.js';
import { pqError } from '../../errors.js';
import { Identity } from '../../keys/identity.js';
import { frame } from '../../wire/frame.js';
import type { Frame } from '../../wire/frame-decoder.js';
import { awaitOperation } from '../machine.js';
import { SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import { AUTH_BATCH, type Signed, signedInBatch } from './batch.js';
import type { Exchange } from './exchange.js';
import { KeySchedule } from './key-schedule.js';
import { type Agreed, AUTH_SINGLE, announce, isSingle } from './parts.js';
import type { Transcript } from './transcript.js';

export const stepExchange: Exchange = {
  offer({ primitives, identity, transcript }, next) {
    return awaitOperation('for-us', primitives.kem.keypair(), (pair, out) => {
      out.keep(pair.secretKey);
      announce(out, 5);
      const kem = frame('ClientKem', pair.publicKey);
      transcript.add(kem);
      const signing = primitives.sig.sign(transcript.signedBy('client'), Identity.secretKeyOf(identity));
      return awaitOperation('for-us', signing, (signature, out) => {
        announce(out, 6, { fingerprint: identity.fingerprint });
        const auth = frame('ClientAuth', signature);
        transcript.add(auth);
        return next([kem, auth], pair.secretKey, out);
      });
    });
  },

  // Two jobs: there is no encapsulation without a right signature, which is fresh by our nonce.
  answer({ primitives, identity, transcript }, trusted, kem, auth, next) {
    const { publicKey, fingerprint } = trusted.peer;
    const verification = primitives.sig.verify(transcript.signedBy('client'), auth.body, publicKey);
    const answer = primitives.kem.encapsulate(kem.body).provided(verification);
    return awaitOperation('verify', answer, (encapsulation, out) => {
      const signature = SignatureValid.by(encapsulation !== undefined, trusted);
      out.proven();
      const { ciphertext, sharedSecret } = encapsulation as NonNullable<typeof encapsulation>;
      announce(out, 9, { fingerprint });
      announce(out, 10);
      const serverKem = frame('ServerKem', ciphertext);
      transcript.add(auth.header, auth.body, serverKem);
      const schedule = new KeySchedule(sharedSecret, transcript.hash());
      out.keep(schedule);
      const signing = primitives.sig.sign(transcript.signedBy('server'), Identity.secretKeyOf(identity));
      return awaitOperation('sign', signing, (signed, out) => {
        announce(out, 11, { fingerprint: identity.fingerprint });
        const serverAuth = frame('ServerAuth', Uint8Array.of(AUTH_SINGLE), signed);
        transcript.add(serverAuth);
        const agreement = agreementOf(schedule, transcript);
        const finished = frame('ServerFinished', agreement.serverMac);
        return next([serverKem, serverAuth, finished], signature, agreement, out);
      });
    });
  },

  // One job: the secret of a server whose signature is wrong is never computed.
  accept(agreed, trusted, kemSecretKey, kem, auth, next) {
    const { transcript, primitives } = agreed;
    const { message, signature } = signedIn(auth, agreed);
    const verification = primitives.sig.verify(message, signature, trusted.peer.publicKey);
    const accept = primitives.kem.decapsulate(kemSecretKey, kem.body).provided(verification);
    return awaitOperation('for-us', accept, (sharedSecret, out) => {
      const proof = SignatureValid.by(sharedSecret !== undefined, trusted);
      announce(out, 13, { fingerprint: trusted.peer.fingerprint });
      kemSecretKey.dispose(); // it is used once, not even again after a failure
      const schedule = new KeySchedule(sharedSecret as Secret, transcript.hash());
      out.keep(schedule);
      announce(out, 14);
      transcript.add(auth.header, auth.body);
      return next(proof, agreementOf(schedule, transcript), out);
    });
  },
};

/**
 * What the server has signed. Only where batches are agreed does a frame come as far as this that has a batch's length.
 *
 * @throws PQ_ERR_DECODE if ServerAuth has not the form of its kind, or there is no such kind
 */
function signedIn(auth: Frame, agreed: Agreed): Signed {
  const { body } = auth;
  const message = agreed.transcript.signedBy('server');
  if (isSingle(auth, agreed)) return { message, signature: body.subarray(1) };
  if (body[0] === AUTH_BATCH) return signedInBatch(body, message, agreed.primitives.sig.algorithm.signatureLength);
  throw pqError('PQ_ERR_DECODE', `the peer sent a ServerAuth of ${body.length} bytes that begins with ${body[0]}`);
}

/** @param transcript up to ServerAuth; both MACs, which either side can make, are added */
function agreementOf(schedule: KeySchedule, transcript: Transcript): Agreement {
  const serverMac = schedule.serverMac(transcript.hash());
  transcript.add(frame('ServerFinished', serverMac));
  const clientMac = schedule.clientMac(transcript.hash());
  transcript.add(frame('ClientFinished', clientMac));
  return {
    serverMac,
    clientMac,
    open: () => schedule.open(transcript.hash()),
    dispose: () => schedule.dispose(),
  };
}
