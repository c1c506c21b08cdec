/**
 * The steps of the hardened handshake, by their numbers; the seed's order of messages. A server takes 8 before it has
 * all of 7: the client's key is the first part of it.
 */

export const HARDENED_STEPS = {
  1: 'the transport is there',
  2: 'server offers versions, suites and its signature key',
  3: 'client chooses version and suite',
  4: 'client asks its trust policy about the server’s key',
  5: 'client generates the KEM key pair',
  6: 'client signs the transcript',
  7: 'client sends its key, kem_pk and the signature',
  8: 'server asks its trust policy about the client’s key',
  9: 'server verifies the client’s signature',
  10: 'server encapsulates the shared secret',
  11: 'server signs the transcript',
  12: 'server sends kem_ct, the signature and its MAC',
  13: 'client verifies the server’s signature',
  14: 'client decapsulates the shared secret',
  15: 'client verifies the server’s MAC',
  16: 'client sends its MAC',
  17: 'server verifies the client’s MAC',
  18: 'both have the traffic keys: data under AES-256-GCM',
} as const;

export type HardenedStep = keyof typeof HARDENED_STEPS;
