/** What it takes to have handshakes wait for the crypto threads at the same time, on any machine. */
import { availableParallelism } from 'node:os';
import { sigOperations } from '../../lib/crypto/sig.js';
import { sigAlgorithm } from '../../lib/crypto/suites.js';

const THREADS = availableParallelism();

/** So many handshakes that every thread gets several of them. */
export const SEVERAL_EACH = 4 * THREADS;

/** Of a server that takes {@link SEVERAL_EACH} from one address. */
export const NO_LIMITS = { pendingPerAddress: Number.POSITIVE_INFINITY, earlyDrop: Number.POSITIVE_INFINITY };

/**
 * Gives all threads work for some 50 ms, and asks for it in a small part of that, also on a busy machine: what is asked
 * for next waits.
 */
export async function occupyPool(): Promise<void> {
  const keypair = sigOperations.keypair(sigAlgorithm('ML-DSA-87'));
  const four = keypair.followedBy(() => keypair).followedBy(() => keypair.followedBy(() => keypair));
  await Promise.all(Array.from({ length: 200 * THREADS }, () => four.run()));
}
