/**
 * Signatures that no honest signer makes, for a public key whose t1 is zero. Verification computes
 * w' = Az − c · t1 · 2^d (FIPS 204, Algorithm 8, line 9): here w' is Az whatever the challenge is, so that z and the
 * hint can be chosen freely, without a secret key, and the challenge is the hash of what the verifier has to come to.
 * Dilithium round 3.1 has the same equation, matrix and encodings; it differs in the hashes.
 */
import { createHash } from 'node:crypto';
import type { SigName } from '../../lib/oqs.js';

/** A z with one coefficient that is not zero: in its polynomial 0…6, the coefficient 0…255. */
export interface SparseZ {
  readonly polynomial: number;
  readonly coefficient: number;
  readonly value: number;
}

/** A hint with one 1: in its polynomial 0…7, the coefficient 0…255. The signer adds `step` to the high part there. */
export interface Hint {
  readonly polynomial: number;
  readonly coefficient: number;
  readonly step: 1 | -1;
}

/** γ1 and β of both algorithms: a signature is valid only if all of z is between −(γ1 − β) and γ1 − β. */
export const [GAMMA1, BETA] = [2 ** 19, 120];

/** For both algorithms; ρ is 32 zero bytes as well. */
export const zeroPublicKey = Buffer.alloc(2592);

/** Signs with a free choice of z and, if wanted, a hint. */
export function signWithZeroKey(algorithm: SigName, message: Uint8Array, z: SparseZ, hint?: Hint): Buffer {
  const high = productWithMatrix(z).map(highBits);
  if (hint !== undefined) {
    const at = hint.polynomial * N + hint.coefficient;
    high[at] = ((high[at] as number) + hint.step + HIGH_PARTS) % HIGH_PARTS;
  }
  const challenge = HASHES[algorithm](message, packHighBits(high));
  return Buffer.concat([challenge, packZ(z), packHint(hint)]);
}

/** For most coefficients of w', a z with which the low part of that coefficient is exactly 0. */
export function* zeroLowParts(polynomial: number): Generator<{ z: SparseZ; place: Omit<Hint, 'step'> }> {
  for (const [at, a] of columnOfMatrix(polynomial).entries()) {
    const inverse = power(a, Q - 2);
    const values = Array.from({ length: HIGH_PARTS - 1 }, (_, i) => {
      const highPart = 1 + ((at + i) % (HIGH_PARTS - 1));
      return centered(modQ(highPart * 2 * GAMMA2 * inverse));
    });
    const value = values.find((candidate) => Math.abs(candidate) < GAMMA1 - BETA);
    if (value === undefined) continue;
    const place = { polynomial: floor(at / N), coefficient: at % N };
    yield { z: { polynomial, coefficient: 0, value }, place };
  }
}

// Jest's globals are slow to look up, and these are used for every coefficient.
const { ceil, floor } = Math;

const Q = 8380417;
const N = 256;
const ROWS = 8;
const COLUMNS = 7;
const GAMMA2 = (Q - 1) / 32;
const HIGH_PARTS = 16;
const OMEGA = 75;
/** γ1 in 20 bits, as often as z has coefficients. */
const PACKED_ZERO = Buffer.alloc((COLUMNS * N * 20) / 8, Buffer.from('0000080080', 'hex'));

/** The challenge hash, by the message and the packed high part. */
const HASHES: Record<SigName, (message: Uint8Array, high: Buffer) => Buffer> = {
  Dilithium5: (message, high) => {
    const mu = shake256(64, shake256(32, zeroPublicKey), message);
    return shake256(32, mu, high);
  },
  'ML-DSA-87': (message, high) => {
    const noContext = Buffer.of(0, 0);
    const mu = shake256(64, shake256(64, zeroPublicKey), noContext, message);
    return shake256(64, mu, high);
  },
};

function shake256(length: number, ...parts: Uint8Array[]): Buffer {
  const hash = createHash('shake256', { outputLength: length });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Az modulo q: a multiple of one column of A, turned by as many places as the coefficient says, modulo X^256 + 1. */
function productWithMatrix({ polynomial, coefficient, value }: SparseZ): number[] {
  const column = columnOfMatrix(polynomial);
  const product = new Array<number>(ROWS * N);
  for (let at = 0; at < product.length; at += 1) {
    const from = at % N < coefficient ? at - coefficient + N : at - coefficient;
    const sign = from > at ? -1 : 1;
    product[at] = modQ(sign * value * (column[from] as number));
  }
  return product;
}

const columns = new Map<number, number[]>();

/** The eight polynomials of a column of A, one after the other, as coefficients. */
function columnOfMatrix(column: number): number[] {
  const known = columns.get(column);
  if (known !== undefined) return known;
  const made = Array.from({ length: ROWS }, (_, row) => inverseNtt(sampleUniform(row, column))).flat();
  columns.set(column, made);
  return made;
}

/** FIPS 204, Algorithm 30 (RejNTTPoly) and 32 (ExpandA). */
function sampleUniform(row: number, column: number): number[] {
  const seed = Buffer.concat([zeroPublicKey.subarray(0, 32), Buffer.of(column, row)]);
  const bytes = createHash('shake128', { outputLength: 1344 }).update(seed).digest();
  const sampled: number[] = [];
  for (let at = 0; sampled.length < N; at += 3) {
    const candidate = bytes.readUIntLE(at, 3) & 0x7fffff;
    if (candidate < Q) sampled.push(candidate);
  }
  return sampled;
}

/** FIPS 204, Algorithm 42 (NTT⁻¹). */
function inverseNtt(transformed: readonly number[]): number[] {
  const w = [...transformed];
  let zeta = N;
  for (let length = 1; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      zeta -= 1;
      const factor = Q - power(1753, reversedBits(zeta));
      for (let j = start; j < start + length; j += 1) {
        const [a, b] = [w[j] as number, w[j + length] as number];
        w[j] = modQ(a + b);
        w[j + length] = modQ(factor * modQ(a - b));
      }
    }
  }
  return w.map((value) => modQ(value * power(N, Q - 2)));
}

function reversedBits(byte: number): number {
  return Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
}

function power(base: number, exponent: number): number {
  let [result, square] = [1, base];
  for (let rest = exponent; rest > 0; rest = floor(rest / 2)) {
    if (rest % 2 === 1) result = modQ(result * square);
    square = modQ(square * square);
  }
  return result;
}

/** Exact, as no value here reaches 2^53; the quotient can be one off. Many times as fast as `%` for such values. */
function modQ(value: number): number {
  const rest = value - floor(value / Q) * Q;
  if (rest < 0) return rest + Q;
  return rest < Q ? rest : rest - Q;
}

function centered(value: number): number {
  return value > Q / 2 ? value - Q : value;
}

/** FIPS 204, Algorithm 37 (HighBits), with γ2 = (q − 1) / 32. */
function highBits(value: number): number {
  return ceil((value - GAMMA2) / (2 * GAMMA2)) % HIGH_PARTS;
}

/** FIPS 204, Algorithm 28 (w1Encode): four bits each. */
function packHighBits(high: readonly number[]): Buffer {
  const packed = Buffer.alloc(high.length / 2);
  for (const [i, part] of high.entries()) packed[i >> 1] = (packed[i >> 1] as number) | (part << (4 * (i % 2)));
  return packed;
}

/** FIPS 204, Algorithm 17 (BitPack): γ1 − z in 20 bits, so two coefficients in five bytes. */
function packZ({ polynomial, coefficient, value }: SparseZ): Buffer {
  const packed = Buffer.from(PACKED_ZERO);
  const at = polynomial * N + coefficient;
  const pair = [0, 1].map((i) => GAMMA1 - (at % 2 === i ? value : 0)) as [number, number];
  packed.writeUIntLE(pair[0] + pair[1] * 2 ** 20, 5 * floor(at / 2), 5);
  return packed;
}

/** FIPS 204, Algorithm 20 (HintBitPack). */
function packHint(hint: Hint | undefined): Buffer {
  const packed = Buffer.alloc(OMEGA + ROWS);
  if (hint === undefined) return packed;
  packed[0] = hint.coefficient;
  return packed.fill(1, OMEGA + hint.polynomial);
}
