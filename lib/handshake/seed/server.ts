/** The server's side of the seed's exchange; client.ts is its mirror image. */
import { pqError } from '../../errors.js';
import { Identity } from '../../keys/identity.js';
import { seedRecords } from '../../record/seed-records.js';
import type { PeerKey } from '../../trust/policy.js';
import { awaitKnown } from '../await-known.js';
import { awaitOperation, awaitVerdict, expectMessage, type Output, type State } from '../machine.js';
import { PeerTrusted, SignatureValid } from '../proof.js';
import { acceptMessage, announce, emitFields, parsePeerKey, type SeedConfig } from './parts.js';

/** Steps 1 to 4: the server speaks first. */
export function startSeedServer(config: SeedConfig, out: Output): State {
  const { publicKey, fingerprint } = config.identity;
  announce(out, 1);
  announce(out, 2);
  announce(out, 3, { fingerprint });
  emitFields(out, publicKey);
  announce(out, 4, { sent: 'b_sig_pk', bodies: [publicKey], fingerprint });
  return expectClientKey(config);
}

/** Step 7. */
function expectClientKey(config: SeedConfig): State {
  return expectMessage('a_sig_pk', acceptMessage('a_sig_pk', config.primitives), ({ body: publicKey }, out) => {
    const peer = parsePeerKey(publicKey, config.identity);
    announce(out, 7, { received: 'a_sig_pk', bodies: [publicKey], fingerprint: peer.fingerprint });
    return awaitTrust(config, peer);
  });
}

/** Step 8: no lattice work is done for a client that the policy does not accept. */
function awaitTrust(config: SeedConfig, peer: PeerKey): State {
  return awaitVerdict(peer, (verdict, out) => {
    const trusted = PeerTrusted.by(verdict, peer);
    announce(out, 8, { fingerprint: peer.fingerprint });
    return expectKemKey(config, trusted);
  });
}

/**
 * Step 11, first part. Kyber takes a public key with coefficients that are not reduced, so that a ciphertext, which
 * has the same length, would pass for one: both are refused here, before the signature is looked at.
 */
function expectKemKey(config: SeedConfig, trusted: PeerTrusted): State {
  return expectMessage('kem_pk', acceptMessage('kem_pk', config.primitives), ({ body: kemPublicKey }) => {
    if (!config.primitives.kem.isPublicKey(kemPublicKey)) {
      throw pqError('PQ_ERR_DECODE', 'the peer sent a kem_pk that is no public key: a coefficient is 3329 or more');
    }
    return expectSignature(config, trusted, kemPublicKey);
  });
}

/** Step 11, second part. */
function expectSignature(config: SeedConfig, trusted: PeerTrusted, kemPublicKey: Uint8Array): State {
  return expectMessage(
    'kem_signature',
    acceptMessage('kem_signature', config.primitives),
    ({ body: signature }, out) => {
      announce(out, 11, { received: 'kem_pk, kem_signature', bodies: [kemPublicKey, signature] });
      return awaitAnswer(config, trusted, kemPublicKey, signature);
    },
  );
}

/** Steps 12 to 15 and 18, in one job: without a right signature there is no encapsulation and nothing is signed. */
function awaitAnswer(config: SeedConfig, trusted: PeerTrusted, kemPublicKey: Uint8Array, signature: Uint8Array): State {
  const { kem, sig } = config.primitives;
  const secretKey = Identity.secretKeyOf(config.identity);
  const answer = kem
    .encapsulate(kemPublicKey)
    .followedBy(({ ciphertext }) => sig.sign(ciphertext, secretKey))
    .provided(sig.verify(kemPublicKey, signature, trusted.peer.publicKey));
  return awaitOperation('verify', answer, (result, out) => {
    const valid = SignatureValid.by(result !== undefined, trusted);
    const { first, second: ctSignature } = result as NonNullable<typeof result>;
    out.keep(first.sharedSecret);
    announce(out, 12, { fingerprint: trusted.peer.fingerprint });
    announce(out, 13);
    announce(out, 14);
    return awaitKnown(valid, out, (known, out) => {
      emitFields(out, first.ciphertext, ctSignature);
      announce(out, 15, { sent: 'kem_ct, ct_signature', bodies: [first.ciphertext, ctSignature] });
      const channel = seedRecords('server', first.sharedSecret, config.cipher);
      announce(out, 18);
      const proofs = { known, signature: valid, finished: 'not in the seed profile' } as const;
      return { kind: 'open', peer: known.peer, fingerprint: config.identity.fingerprint, channel, proofs };
    });
  });
}
