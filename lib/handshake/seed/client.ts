/** The client's side of the seed's exchange; server.ts is its mirror image. */

import type { Secret } from '../../crypto/secret.js';
import { Identity } from '../../keys/identity.js';
import { seedRecords } from '../../record/seed-records.js';
import type { PeerKey } from '../../trust/policy.js';
import { awaitKnown } from '../await-known.js';
import { awaitOperation, awaitVerdict, expectMessage, type Output, type State } from '../machine.js';
import { PeerTrusted, SignatureValid } from '../proof.js';
import { acceptMessage, announce, emitFields, parsePeerKey, type SeedConfig } from './parts.js';

/** Steps 1 and 2: the connection is there; the server speaks first. */
export function startSeedClient(config: SeedConfig, out: Output): State {
  announce(out, 1);
  announce(out, 2);
  return expectServerKey(config);
}

/** Step 4. */
function expectServerKey(config: SeedConfig): State {
  return expectMessage('b_sig_pk', acceptMessage('b_sig_pk', config.primitives), ({ body: publicKey }, out) => {
    const peer = parsePeerKey(publicKey, config.identity);
    announce(out, 4, { received: 'b_sig_pk', bodies: [publicKey], fingerprint: peer.fingerprint });
    return awaitTrust(config, peer);
  });
}

/** Steps 5 to 7: nothing is sent to a server that the policy does not accept. */
function awaitTrust(config: SeedConfig, peer: PeerKey): State {
  return awaitVerdict(peer, (verdict, out) => {
    const trusted = PeerTrusted.by(verdict, peer);
    announce(out, 5, { fingerprint: peer.fingerprint });
    const { publicKey, fingerprint } = config.identity;
    announce(out, 6, { fingerprint });
    emitFields(out, publicKey);
    announce(out, 7, { sent: 'a_sig_pk', bodies: [publicKey], fingerprint });
    return awaitOffer(config, trusted);
  });
}

/** Steps 9 to 11, in one job. */
function awaitOffer(config: SeedConfig, trusted: PeerTrusted): State {
  const { kem, sig } = config.primitives;
  const secretKey = Identity.secretKeyOf(config.identity);
  const offer = kem.keypair().followedBy((pair) => sig.sign(pair.publicKey, secretKey));
  return awaitOperation('for-us', offer, ({ first: pair, second: signature }, out) => {
    out.keep(pair.secretKey);
    announce(out, 9);
    announce(out, 10);
    emitFields(out, pair.publicKey, signature);
    announce(out, 11, { sent: 'kem_pk, kem_signature', bodies: [pair.publicKey, signature] });
    return expectCiphertext(config, trusted, pair.secretKey);
  });
}

/** Step 15, first part. */
function expectCiphertext(config: SeedConfig, trusted: PeerTrusted, kemSecretKey: Secret): State {
  return expectMessage('kem_ct', acceptMessage('kem_ct', config.primitives), ({ body: ciphertext }) =>
    expectSignature(config, trusted, kemSecretKey, ciphertext),
  );
}

/** Step 15, second part. */
function expectSignature(
  config: SeedConfig,
  trusted: PeerTrusted,
  kemSecretKey: Secret,
  ciphertext: Uint8Array,
): State {
  return expectMessage('ct_signature', acceptMessage('ct_signature', config.primitives), ({ body: signature }, out) => {
    announce(out, 15, { received: 'kem_ct, ct_signature', bodies: [ciphertext, signature] });
    return awaitSecret(config, trusted, kemSecretKey, ciphertext, signature);
  });
}

/** Steps 16 to 18: the secret of a ciphertext whose signature is wrong is never computed. */
function awaitSecret(
  config: SeedConfig,
  trusted: PeerTrusted,
  kemSecretKey: Secret,
  ciphertext: Uint8Array,
  signature: Uint8Array,
): State {
  const { kem, sig } = config.primitives;
  const verification = sig.verify(ciphertext, signature, trusted.peer.publicKey);
  const accept = kem.decapsulate(kemSecretKey, ciphertext).provided(verification);
  return awaitOperation('for-us', accept, (sharedSecret, out) => {
    const valid = SignatureValid.by(sharedSecret !== undefined, trusted);
    const secret = sharedSecret as Secret;
    out.keep(secret);
    announce(out, 16, { fingerprint: trusted.peer.fingerprint });
    announce(out, 17);
    return awaitKnown(valid, out, (known, out) => {
      const channel = seedRecords('client', secret, config.cipher);
      announce(out, 18);
      const proofs = { known, signature: valid, finished: 'not in the seed profile' } as const;
      return { kind: 'open', peer: known.peer, fingerprint: config.identity.fingerprint, channel, proofs };
    });
  });
}
