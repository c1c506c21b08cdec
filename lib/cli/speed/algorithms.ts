/** The operations of the four algorithms, inline and off the event loop. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Kem, Sig } from '../../oqs.js';
import { together } from './measure.js';
import type { Measurement } from './measurement.js';

export function algorithmMeasurements(): Measurement[] {
  return [
    ...Kem.algorithms.flatMap((name) => ofKem(new Kem(name))),
    ...Sig.algorithms.flatMap((name) => ofSig(new Sig(name))),
  ];
}

function ofKem(kem: Kem): Measurement[] {
  const { publicKey, secretKey } = kem.keypairSync();
  const { ciphertext } = kem.encapsulateSync(publicKey);
  return [
    ...both(
      `${kem.algorithm} keypair`,
      () => kem.keypairSync(),
      () => kem.keypair(),
    ),
    ...both(
      `${kem.algorithm} encapsulate`,
      () => kem.encapsulateSync(publicKey),
      () => kem.encapsulate(publicKey),
    ),
    ...both(
      `${kem.algorithm} decapsulate`,
      () => kem.decapsulateSync(secretKey, ciphertext),
      () => kem.decapsulate(secretKey, ciphertext),
    ),
  ];
}

function ofSig(sig: Sig): Measurement[] {
  const { publicKey, secretKey } = sig.keypairSync();
  const message = randomBytes(MESSAGE);
  const signature = sig.signSync(message, secretKey);
  return [
    ...both(
      `${sig.algorithm} keypair`,
      () => sig.keypairSync(),
      () => sig.keypair(),
    ),
    ...both(
      `${sig.algorithm} sign`,
      () => sig.signSync(message, secretKey),
      () => sig.sign(message, secretKey),
    ),
    ...both(
      `${sig.algorithm} verify`,
      () => sig.verifySync(message, signature, publicKey),
      () => sig.verify(message, signature, publicKey),
    ),
  ];
}

function both(name: string, inline: () => unknown, off: () => Promise<unknown>): Measurement[] {
  const subject = { group: 'algorithms', name, unit: 'operation' } as const;
  const run = (count: number): number => {
    const start = performance.now();
    for (let i = 0; i < count; i += 1) inline();
    return performance.now() - start;
  };
  return [
    { ...subject, how: 'inline', run },
    { ...subject, how: `${WIDTH} at a time`, run: (count) => together(count, WIDTH, off) },
  ];
}

/** Enough that no thread waits for the next operation. */
const WIDTH = 2 * availableParallelism();
/** Bytes; what a handshake signs has 148. */
const MESSAGE = 148;
