/**
 * Signatures on which liboqs 0.13.0 as published judges wrongly in its AVX2 code: deps/patches/ corrects it. An honest
 * signer makes none of them, so no random test meets one.
 */
import { Sig } from '../../lib/oqs.js';
import {
  BETA,
  GAMMA1,
  type SparseZ,
  signWithZeroKey,
  zeroLowParts,
  zeroPublicKey,
} from '../support/zero-key-signer.js';

describe.each(Sig.algorithms)('verification of %s', (name) => {
  const sig = new Sig(name);
  const verifies = (signature: Uint8Array): boolean => sig.verifySync(MESSAGE, signature, zeroPublicKey);

  // FIPS 204, Algorithm 8, line 13; Dilithium round 3.1, Figure 4. What the encoding can hold ends at γ1 and −γ1 + 1.
  it('rejects a signature whose z reaches γ1 − β', () => {
    const bound = GAMMA1 - BETA;
    for (const place of placesOfZ()) {
      // Each polynomial begins with another value, so that each lane of a register meets each of them.
      const turn = place.polynomial + place.coefficient;
      const values = [[bound - 1, -bound + 1][turn % 2], [bound, -bound, GAMMA1, -GAMMA1 + 1][turn % 4]] as number[];
      const valid = values.map((value) => verifies(signWithZeroKey(name, MESSAGE, { ...place, value })));
      expect({ place, values, valid }).toEqual({ place, values, valid: [true, false] });
    }
  });

  // FIPS 204, Algorithm 40; Dilithium round 3.1, Figure 3: up only if the low part is above 0, otherwise down.
  it('takes a zero low part as not positive in UseHint', () => {
    const met = new Set<number>();
    for (const { z, place } of zeroLowParts(0)) {
      const down = verifies(signWithZeroKey(name, MESSAGE, z, { ...place, step: -1 }));
      const up = verifies(signWithZeroKey(name, MESSAGE, z, { ...place, step: 1 }));
      expect({ z, place, down, up }).toEqual({ z, place, down: true, up: false });
      met.add(place.polynomial * LANES + (place.coefficient % LANES));
    }
    expect(met.size).toBe(POLYNOMIALS_OF_W * LANES);
  });
});

/** Every coefficient of every polynomial: the code works on several of them at a time. */
function placesOfZ(): Omit<SparseZ, 'value'>[] {
  return Array.from({ length: POLYNOMIALS_OF_Z * COEFFICIENTS }, (_, i) => ({
    polynomial: Math.floor(i / COEFFICIENTS),
    coefficient: i % COEFFICIENTS,
  }));
}

const MESSAGE = Buffer.from('a message');
const POLYNOMIALS_OF_Z = 7;
const POLYNOMIALS_OF_W = 8;
const COEFFICIENTS = 256;
/** How many coefficients an AVX2 register holds. */
const LANES = 8;
