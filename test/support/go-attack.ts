/** What the second implementation can be told to do wrongly in a handshake: the fields of attack.go, with their types. */
import { SUITES } from '../../lib/crypto/suites.js';
import { Identity, type SuiteName } from '../../lib/index.js';
import { failedPair, type GoIdentities, type GoPairOptions, newGoIdentity } from './go-pair.js';
import type { GoPeer } from './go-peer.js';
import { spentDuring } from './script-pair.js';

/** A change to the body of a message; a negative place counts from the end. */
interface Edit {
  readonly frame: number;
  readonly at: number;
  readonly remove?: number;
  readonly insert?: Uint8Array;
  readonly xor?: number;
}

/** A frame of a flight: the peer's own, or one of ours that it has got, by their numbers, or any bytes. */
export type Part = { readonly own: number } | { readonly peer: number; readonly type?: number } | { raw: Uint8Array };

export interface Attack {
  readonly messages?: readonly Edit[];
  readonly wire?: readonly Edit[];
  readonly flights?: Readonly<Record<number, readonly Part[]>>;
  readonly signer?: string;
  readonly label?: string;
  readonly over?: string;
  readonly mac?: string;
  readonly ignore?: readonly string[];
}

/**
 * A handshake that the attack makes fail: our error, the alert that the peer has got, if any, and what we have spent,
 * without the zeros.
 */
export async function attackPair(peer: GoPeer, both: GoIdentities, options: GoPairOptions & { attack: Attack }) {
  let failed: Awaited<ReturnType<typeof failedPair>> | undefined;
  const go = { ...options.go, attack: options.attack };
  const spent = await spentDuring(async () => {
    failed = await failedPair(peer, both, { ...options, go });
  });
  const nonZero = Object.fromEntries(Object.entries(spent).filter(([, count]) => count > 0));
  return { code: failed?.code, alert: failed?.go.alertReceived, spent: nonZero };
}

/** The whole body of a message is another. */
export function replaceBody(frame: number, length: number, insert: Uint8Array): Edit {
  return { frame, at: 0, remove: length, insert };
}

/** An identity of ours whose secret key the attacker has as well. */
export async function stolenIdentity(peer: GoPeer, suite: SuiteName): Promise<GoIdentities> {
  const algorithm = SUITES[suite].sig;
  const { secretKey, ...go } = await newGoIdentity(peer, algorithm);
  return { ours: Identity.from({ algorithm, publicKey: go.publicKey, secretKey }), go };
}

const PRIME = 2n ** 255n - 19n;
const little = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

/** X25519 public keys with which every result is zero (RFC 7748 §6.1). */
export const LOW_ORDER_SHARES: readonly [string, Buffer][] = [
  ['0', little(0n)],
  ['1', little(1n)],
  ['of order 8', Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex')],
  ['p − 1', little(PRIME - 1n)],
  ['p, which is 0', little(PRIME)],
  ['0 with the top bit', little(2n ** 255n)],
];
