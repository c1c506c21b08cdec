/** What names a key, and the keys themselves: fingerprints, identities, KEM public keys, and what is in key files. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isKemPublicKey, Kem } from '../../../lib/crypto/kem.js';
import { KEM_ALGORITHMS, SIG_ALGORITHMS, type SigName } from '../../../lib/crypto/suites.js';
import { parseFingerprint } from '../../../lib/keys/fingerprint.js';
import { Identity } from '../../../lib/keys/identity.js';
import { decodePrivateKey, encodePrivateKey } from '../../../lib/keys/pkcs8.js';
import type { Profile } from '../../../lib/keys/profile.js';
import { publicKeyFromPem, publicKeyToPem } from '../../../lib/keys/public-key.js';
import { trustPolicy } from '../../../lib/trust/policy.js';
import { outcomeOf } from '../../support/outcome.js';
import { standInIdentity } from '../stand-ins.js';
import type { Target } from '../target.js';

const ALGORITHMS = ['Dilithium5', 'ML-DSA-87'] as const;
const KEMS = { Kyber1024: new Kem('Kyber1024'), 'ML-KEM-1024': new Kem('ML-KEM-1024') };

/** The first byte says what the others are for. */
const KINDS: readonly ((bytes: Buffer) => void)[] = [fingerprint, identity, kemKey, privateKey, publicKey];

export const keys: Target = {
  name: 'keys',
  words: ['pqsock1:', 'dilithium5:', 'mldsa87:', ':', 'AEIMQUYcgkosw048'].map((text) => Buffer.from(text)),
  seeds: () => [
    ...ALGORITHMS.map((algorithm) => Buffer.from(`\0${standInIdentity(1, { algorithm }).fingerprint}`)),
    ...[0, 1].map((algorithm) => Uint8Array.of(1, algorithm, 0, 0, 0, 0)),
    Uint8Array.of(1, 0, 2, 0, 32, 1),
    Uint8Array.of(2, 0, 0, 1, 2, 3),
    Uint8Array.of(2, 1, 0, 0xff, 0x0c, 0xd0),
    ...['seed', 'hardened'].map((profile) => Buffer.concat([Buffer.of(3), seedInfo(profile as Profile)])),
    Buffer.concat([Buffer.of(4), Buffer.from(publicKeyToPem(standInIdentity(1)))]),
  ],
  run: ([kind = 0, ...rest]) => (KINDS[kind % KINDS.length] as (bytes: Buffer) => void)(Buffer.from(rest)),
};

function fingerprint(bytes: Buffer): void {
  const text = bytes.toString('utf8');
  const [, label, hash = ''] = /^pqsock1:(dilithium5|mldsa87):([^:]*)$/s.exec(text) ?? [];
  const canonical = Buffer.from(hash, 'base64url').toString('base64url') === hash;
  const right = label !== undefined && canonical && Buffer.from(hash, 'base64url').length === 32;
  assert.equal(
    codeOf(() => parseFingerprint(text)),
    right ? undefined : 'PQ_ERR_INVALID_OPTION',
  );
  if (text !== 'any')
    assert.equal(
      codeOf(() => trustPolicy([text])),
      right ? undefined : 'PQ_ERR_INVALID_OPTION',
    );
}

/** One byte of a right key pair changed, or its length: taken only if what ties the two together is as it was. */
function identity([which = 0, where = 0, high = 0, low = 0, by = 0]: Buffer): void {
  const algorithm = ALGORITHMS[which % 2] as SigName;
  const { publicKeyLength, secretKeyLength, trLength } = SIG_ALGORITHMS[algorithm];
  const whole = standInIdentity(0x77, { algorithm });
  const publicKey = Buffer.from(whole.publicKey);
  const secretKey = Buffer.alloc(secretKeyLength, 0x77);
  createHash('shake256', { outputLength: trLength }).update(publicKey).digest().copy(secretKey, 64);
  const at = 256 * high + low;
  const changed = where % 2 === 0 ? publicKey : secretKey;
  if (at < changed.length) changed[at] = (changed[at] as number) ^ by;
  const cut = where >= 128 ? changed.subarray(0, at) : changed;
  const parts = where % 2 === 0 ? { publicKey: cut, secretKey } : { publicKey, secretKey: cut };
  const length = parts.publicKey.length === publicKeyLength && parts.secretKey.length === secretKeyLength;
  const tied =
    by === 0 || at >= (where % 2 === 0 ? publicKeyLength : 64 + trLength) || (where % 2 === 1 && at >= 32 && at < 64);
  const expected = tied ? undefined : 'PQ_ERR_INVALID_SECRET_KEY';
  assert.equal(
    codeOf(() => Identity.from({ algorithm, ...parts })),
    length ? expected : 'PQ_ERR_INVALID_LENGTH',
  );
}

/** A pattern, as often as it fits: a public key if each coefficient of 12 bits is below 3329. */
function kemKey([which = 0, less = 0, ...pattern]: Buffer): void {
  const name = which % 2 === 0 ? 'Kyber1024' : 'ML-KEM-1024';
  const { publicKeyLength } = KEM_ALGORITHMS[name];
  const publicKey = Buffer.alloc(publicKeyLength - less, Buffer.from(pattern.length > 0 ? pattern : [0]));
  if (less > 0) {
    assert.equal(
      codeOf(() => KEMS[name].encapsulateSync(publicKey)),
      'PQ_ERR_INVALID_LENGTH',
    );
    return;
  }
  let reduced = true;
  for (let at = 0; at < 1536; at += 3) {
    const [a, b, c] = publicKey.subarray(at, at + 3) as unknown as [number, number, number];
    reduced &&= a + 256 * (b % 16) < 3329 && Math.floor(b / 16) + 16 * c < 3329;
  }
  assert.equal(isKemPublicKey(KEM_ALGORITHMS[name], publicKey), reduced);
  assert.equal(
    codeOf(() => KEMS[name].encapsulateSync(publicKey)),
    reduced ? undefined : 'PQ_ERR_INVALID_PUBLIC_KEY',
  );
}

/** What is taken is one way to write a key: the seed alone is written again as it is, but for attributes of others. */
function privateKey(bytes: Buffer): void {
  const key = outcomeOf(() => decodePrivateKey(bytes));
  if (typeof key === 'string') {
    assert.equal(key, 'PQ_ERR_KEY_FORMAT');
    return;
  }
  const again = decodePrivateKey(encodePrivateKey(key).export());
  const { algorithm, profile, seed } = again;
  assert.deepEqual({ algorithm, profile, seed }, { algorithm: key.algorithm, profile: key.profile, seed: key.seed });
}

/** What is taken is written again as it is, but for the last LF. */
function publicKey(bytes: Buffer): void {
  const key = outcomeOf(() => publicKeyFromPem(bytes));
  if (typeof key === 'string') assert.equal(key, 'PQ_ERR_KEY_FORMAT');
  else assert.equal(publicKeyToPem(key).trimEnd(), bytes.toString('latin1').trimEnd());
}

function seedInfo(profile: Profile): Buffer {
  return encodePrivateKey({ algorithm: 'Dilithium5', profile, seed: Buffer.alloc(32, 7) }).export();
}

function codeOf(action: () => unknown): string | undefined {
  return outcomeOf(() => void action()) as string | undefined;
}
