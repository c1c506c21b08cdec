/** What the second implementation can be told to do wrongly in a handshake: the fields of attack.go, with their types. */
import { Identity, type OperationCounts, type SuiteName } from '../../lib/index.js';
import { failedPair, type GoIdentities, type GoPairOptions } from './go-pair.js';
import type { GoPeer } from './go-peer.js';
import { spentDuring } from './script-pair.js';

/** The types of the handshake's frames. */
export const FRAME = {
  ServerHello: 1,
  ClientHello: 2,
  ClientKem: 3,
  ClientAuth: 4,
  ServerKem: 5,
  ServerAuth: 6,
  ServerFinished: 7,
  ClientFinished: 8,
} as const;

/** A change to the body of a message; a negative place counts from the end. */
export interface Edit {
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

/** What came of it: our error, the alert that the peer has got, if any, and what we have spent, without the zeros. */
export interface AttackResult {
  readonly code: string | undefined;
  readonly alert: string | undefined;
  readonly spent: Partial<OperationCounts>;
}

/** A handshake that the attack makes fail. */
export async function attackPair(peer: GoPeer, both: GoIdentities, options: GoPairOptions & { attack: Attack }) {
  let failed: Awaited<ReturnType<typeof failedPair>> | undefined;
  const go = { ...options.go, attack: options.attack };
  const spent = await spentDuring(async () => {
    failed = await failedPair(peer, both, { ...options, go });
  });
  const nonZero = Object.fromEntries(Object.entries(spent).filter(([, count]) => count > 0));
  return { code: failed?.code, alert: failed?.go.alertReceived, spent: nonZero } satisfies AttackResult;
}

/** The whole body of a message is another. */
export function replaceBody(frame: number, length: number, insert: Uint8Array): Edit {
  return { frame, at: 0, remove: length, insert };
}

/** A frame, whole. */
export function rawFrame(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 255, body.length & 255), body]);
}

/** An identity of ours whose secret key the attacker has as well. */
export async function stolenIdentity(peer: GoPeer, suite: SuiteName): Promise<GoIdentities> {
  const algorithm = suite === 'kyber1024-dilithium5' ? 'Dilithium5' : 'ML-DSA-87';
  const { identity, fingerprint, ...keys } = (await peer.request('identity', { algorithm })) as Record<string, string>;
  const { publicKey, secretKey } = keys as { publicKey: string; secretKey: string };
  const [pk, sk] = [Buffer.from(publicKey, 'base64'), Buffer.from(secretKey, 'base64')];
  const ours = Identity.from({ algorithm, publicKey: pk, secretKey: sk });
  return { ours, go: { identity: identity as string, fingerprint: fingerprint as string, publicKey: pk } };
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
