/** What the addon says of a call. The list is native/status.h's. */

export const STATUS = {
  ok: 0,
  notVerified: 1,
  wrongType: 2,
  wrongLength: 3,
  detached: 4,
  shared: 5,
  contextUnsupported: 6,
  badPublicKey: 7,
  badSecretKey: 8,
  queueFull: 9,
  outOfMemory: 10,
  operationFailed: 11,
  unknownAlgorithm: 12,
  overlapping: 13,
} as const;

export interface Status {
  readonly code: number;
  /** Which argument of the call it is about: outputs first, then inputs, from 0. */
  readonly argument: number;
  /** Which call of a request it is about, from 0. */
  readonly call: number;
}

export function unpackStatus(packed: number): Status {
  return { code: packed & 0xff, argument: (packed >> 8) & 0xff, call: packed >> 16 };
}
