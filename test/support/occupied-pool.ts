/** What it takes to have handshakes wait for the crypto threads at the same time, on any machine. */
import { availableParallelism } from 'node:os';
import { Sig } from '../../lib/oqs.js';

const THREADS = availableParallelism();

/** So many handshakes that every thread gets several of them. */
export const SEVERAL_EACH = 4 * THREADS;

/** Of a server that takes {@link SEVERAL_EACH} from one address. */
export const NO_LIMITS = { pendingPerAddress: Number.POSITIVE_INFINITY, earlyDrop: Number.POSITIVE_INFINITY };

/**
 * Gives all threads work for some 50 ms, much longer than to ask for it takes, also on a busy machine: what is asked for
 * next waits.
 */
export async function occupyPool(): Promise<void> {
  const sig = new Sig('ML-DSA-87');
  await Promise.all(Array.from({ length: 800 * THREADS }, () => sig.keypair()));
}
