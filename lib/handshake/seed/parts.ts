/** What the two machines of the seed profile share. */
import { bytesEqual } from '../../bytes.js';
import type { HandshakeStep } from '../../channels.js';
import type { Primitives } from '../../crypto/primitives.js';
import { SEED_SUITE } from '../../crypto/suites.js';
import { pqError } from '../../errors.js';
import { fingerprintOf } from '../../keys/fingerprint.js';
import type { Identity } from '../../keys/identity.js';
import type { SeedCipher } from '../../record/seed-records.js';
import type { PeerKey } from '../../trust/policy.js';
import { exactField, FIELD_HEADER_LENGTH, fieldHeader } from '../../wire/field.js';
import type { AcceptHeader } from '../../wire/frame-decoder.js';
import type { Output } from '../machine.js';
import { SEED_STEPS, type SeedStep } from './steps.js';

/** What a machine is given at its start. */
export interface SeedConfig {
  readonly identity: Identity<'seed'>;
  readonly primitives: Primitives;
  readonly cipher: SeedCipher;
}

/** The messages by the seed's names; the lengths are the algorithms'. */
export type SeedMessage = 'b_sig_pk' | 'a_sig_pk' | 'kem_pk' | 'kem_signature' | 'kem_ct' | 'ct_signature';

export function messageLength(message: SeedMessage, { kem, sig }: Primitives): number {
  switch (message) {
    case 'b_sig_pk':
    case 'a_sig_pk':
      return sig.algorithm.publicKeyLength;
    case 'kem_pk':
      return kem.algorithm.publicKeyLength;
    case 'kem_ct':
      return kem.algorithm.ciphertextLength;
    case 'kem_signature':
    case 'ct_signature':
      return sig.algorithm.signatureLength;
  }
}

export function acceptMessage(message: SeedMessage, primitives: Primitives): AcceptHeader {
  return exactField(message, messageLength(message, primitives));
}

/** Each as a field, in one write. */
export function emitFields(out: Output, ...bodies: Uint8Array[]): void {
  out.send(...bodies.flatMap((body) => [fieldHeader(body.length), body]));
}

/** Says that a step was taken; with the bytes on the wire if it is about messages. */
export function announce(
  out: Output,
  step: SeedStep,
  details: { sent?: string; received?: string; bodies?: readonly Uint8Array[]; fingerprint?: string } = {},
): void {
  if (!out.watched) return;
  const { sent, received, bodies = [], fingerprint } = details;
  const message = sent ?? received;
  const announced: HandshakeStep = {
    step,
    name: SEED_STEPS[step],
    ...(message !== undefined && {
      message,
      direction: sent === undefined ? 'received' : 'sent',
      bytes: bodies.reduce((sum, body) => sum + FIELD_HEADER_LENGTH + body.length, 0),
    }),
    ...(fingerprint !== undefined && { fingerprint }),
  };
  out.step(announced);
}

/**
 * The peer behind a public key.
 *
 * @throws PQ_ERR_OWN_KEY if it is our own: somebody sends our messages back
 */
export function parsePeerKey(publicKey: Uint8Array, identity: Identity<'seed'>): PeerKey {
  if (bytesEqual(publicKey, identity.publicKey)) {
    throw pqError('PQ_ERR_OWN_KEY', `the peer shows our own key ${identity.fingerprint}`);
  }
  return {
    algorithm: SEED_SUITE.sig,
    publicKey: Buffer.from(publicKey),
    fingerprint: fingerprintOf(SEED_SUITE.sig, publicKey),
    suite: undefined,
  };
}
