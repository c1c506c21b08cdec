/** The 18 steps of the seed's exchange, by their numbers. */

export const SEED_STEPS = {
  1: 'start a TCP socket',
  2: 'initialize Dilithium5 and Kyber1024',
  3: 'server has its signature keys',
  4: 'server sends its signature public key',
  5: 'client verifies b_sig_pk by its trust policy',
  6: 'client has its signature keys',
  7: 'client sends its signature public key',
  8: 'server verifies a_sig_pk by its trust policy',
  9: 'client generates the KEM key pair',
  10: 'client signs kem_pk',
  11: 'client sends (kem_pk, kem_signature)',
  12: 'server verifies the signature on kem_pk',
  13: 'server encapsulates the shared secret',
  14: 'server signs kem_ct',
  15: 'server sends (kem_ct, ct_signature)',
  16: 'client verifies the signature on kem_ct',
  17: 'client decapsulates the shared secret',
  18: 'both have the shared secret: data under AES-256',
} as const;

export type SeedStep = keyof typeof SEED_STEPS;
