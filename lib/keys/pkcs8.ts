/**
 * OneAsymmetricKey (RFC 5958) of ML-DSA-87 as RFC 9881 §6 has it, and of Dilithium5 in the same forms: the seed, the
 * expanded secret key, or both. The seed is what is written wherever there is one.
 */
import type { Secret } from '../crypto/secret.js';
import { SEED_SUITE, SIG_ALGORITHMS, type SigAlgorithm, type SigName } from '../crypto/suites.js';
import { type DerValue, der, derInteger, derOid, encodeDer, TAG } from './der.js';
import { DerReader } from './der-reader.js';
import { DEFAULT_PROFILE, PROFILES, type Profile } from './profile.js';

/** What a private key is made of: a seed, a secret key, or both; views of the bytes that were read. */
export interface PrivateKey {
  readonly algorithm: SigName;
  readonly profile: Profile;
  /** 32 bytes. */
  readonly seed?: Uint8Array | undefined;
  /** 4864 bytes (Dilithium5) or 4896 (ML-DSA-87). */
  readonly secretKey?: Uint8Array | undefined;
  /** 2592 bytes, if it is there, too. */
  readonly publicKey?: Uint8Array | undefined;
}

/** In memory that is wiped with the result. */
export function encodePrivateKey({ algorithm, profile, seed, secretKey = new Uint8Array(0) }: PrivateKey): Secret {
  const key = seed === undefined ? der(TAG.octetString, secretKey) : der(TAG.context0, seed);
  return encodeDer(
    der(TAG.sequence, [
      derInteger(0),
      der(TAG.sequence, [derOid(SIG_ALGORITHMS[algorithm].oid)]),
      der(TAG.octetString, [key]),
      ...(profile === DEFAULT_PROFILE ? [] : [profileAttribute(profile)]),
    ]),
  );
}

/** @throws PQ_ERR_KEY_FORMAT. That the parts belong together is not looked at. */
export function decodePrivateKey(bytes: Uint8Array): PrivateKey {
  const outer = new DerReader(bytes, WHAT);
  const info = outer.within(TAG.sequence);
  outer.end();
  const version = info.integer();
  if (version > 1) throw info.fault(`it is of version ${version}`);
  const algorithm = readAlgorithm(info.within(TAG.sequence));
  const row = SIG_ALGORITHMS[algorithm];
  const key = readKey(info.within(TAG.octetString), row);
  const profile = info.tag === TAG.constructed0 ? readProfile(info.within(TAG.constructed0)) : undefined;
  const publicKey = version === 1 ? readPublicKey(info, row) : undefined;
  info.end();
  if (profile === 'seed' && algorithm !== SEED_SUITE.sig) {
    throw info.fault(`its profile is seed, which is for ${SEED_SUITE.sig} alone`);
  }
  return { algorithm, profile: profile ?? DEFAULT_PROFILE, ...key, publicKey };
}

/**
 * The algorithm of a key: its object identifier, without parameters (RFC 9881 §2).
 *
 * @throws PQ_ERR_KEY_FORMAT
 */
export function readAlgorithm(identifier: DerReader): SigName {
  const oid = identifier.oid();
  const names = Object.keys(SIG_ALGORITHMS) as SigName[];
  const found = names.find((name) => SIG_ALGORITHMS[name].oid === oid);
  if (found === undefined) throw identifier.fault(`it is of the algorithm ${oid}, and not ${names.join(' or ')}`);
  identifier.end();
  return found;
}

function readKey(
  key: DerReader,
  { secretKeyLength }: SigAlgorithm,
): { seed: Uint8Array | undefined; secretKey: Uint8Array | undefined } {
  const both = key.tag === TAG.sequence ? key.within(TAG.sequence) : undefined;
  const seed = both?.read(TAG.octetString) ?? key.readOptional(TAG.context0);
  const secretKey = both?.read(TAG.octetString) ?? (seed === undefined ? key.read(TAG.octetString) : undefined);
  both?.end();
  key.end();
  if ((seed?.length ?? SEED_LENGTH) !== SEED_LENGTH) throw key.fault(`its seed is not of ${SEED_LENGTH} bytes`);
  if ((secretKey?.length ?? secretKeyLength) !== secretKeyLength) {
    throw key.fault(`its expanded key is not of ${secretKeyLength} bytes`);
  }
  return { seed, secretKey };
}

function readPublicKey(info: DerReader, { publicKeyLength }: SigAlgorithm): Uint8Array | undefined {
  const bits = info.readOptional(TAG.context1);
  if (bits === undefined) return undefined;
  if (bits[0] !== 0 || bits.length !== 1 + publicKeyLength) {
    throw info.fault(`its public key is not of ${publicKeyLength} bytes`);
  }
  return bits.subarray(1);
}

/** Attributes (RFC 5958 §2): a set of names with sets of values. Those of others say nothing to us. */
function readProfile(attributes: DerReader): Profile | undefined {
  let profile: Profile | undefined;
  while (attributes.tag !== undefined) {
    const attribute = attributes.within(TAG.sequence);
    const oid = attribute.oid();
    const values = attribute.within(TAG.set);
    attribute.end();
    if (oid !== PROFILE_OID) continue;
    const name = Buffer.from(values.read(TAG.utf8String)).toString('latin1');
    values.end();
    const known = PROFILES.find((one) => one === name);
    if (known === undefined || profile !== undefined) throw attributes.fault('its profile is unknown');
    profile = known;
  }
  return profile;
}

function profileAttribute(profile: Profile): DerValue {
  const values = der(TAG.set, [der(TAG.utf8String, Buffer.from(profile))]);
  return der(TAG.constructed0, [der(TAG.sequence, [derOid(PROFILE_OID), values])]);
}

const WHAT = 'a private key that is read here';
const SEED_LENGTH = 32;

/** Ours: from a UUID (ITU-T X.667), which nobody has to hand out. The value is a UTF8String, `hardened` or `seed`. */
const PROFILE_OID = '2.25.202803739654633212632015110569849678048';
