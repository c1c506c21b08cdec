/** Identities in PEM: all forms of RFC 9881 and those of Dilithium5, and what is refused. */
import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { Identity, type Profile } from '../../lib/index.js';
import { type DerValue, der, derInteger, derOid, encodeDer, TAG } from '../../lib/keys/der.js';
import { encodePem } from '../../lib/keys/pem.js';
import { Secret, Sig, type SigName } from '../../lib/oqs.js';

const OIDS = { Dilithium5: '1.3.6.1.4.1.2.267.7.8.7', 'ML-DSA-87': '2.16.840.1.101.3.4.3.19' } as const;
const PROFILE_OID = '2.25.202803739654633212632015110569849678048';
const SEED = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

/** RFC 9881, appendix C.1.3. */
const RFC_SEED = `-----BEGIN PRIVATE KEY-----
MDQCAQAwCwYJYIZIAWUDBAMTBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ
GhscHR4f
-----END PRIVATE KEY-----
`;

/** Where the version stands: after the tag and the length of the sequence, and its own. */
const VERSION_AT = 4;

const octets = (bytes: Uint8Array) => der(TAG.octetString, bytes);
const sequence = (...values: DerValue[]) => der(TAG.sequence, values);
const pemOf = (value: DerValue, label = 'PRIVATE KEY') =>
  encodePem(label, encodeDer(value).export()).export().toString();
const profileOf = (...names: string[]) =>
  names.map((name) => sequence(derOid(PROFILE_OID), der(TAG.set, [der(TAG.utf8String, Buffer.from(name))])));
const attributes = (...values: DerValue[]) => der(TAG.constructed0, values);

async function codeOf(pem: string | Uint8Array, options: object = {}): Promise<string | undefined> {
  try {
    (await Identity.fromPem(pem, options)).dispose();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe.each(Sig.algorithms)('a private key of %s', (algorithm) => {
  const sig = new Sig(algorithm);
  const pair = sig.keypairSync({ seed: SEED });
  const secretKey = pair.secretKey.export();
  const { fingerprint } = Identity.from({ algorithm, seed: SEED });

  /** A OneAsymmetricKey, with parts in the place of others. */
  const pem = (key: DerValue, { version = 0, oid = OIDS[algorithm] as string, rest = [] as DerValue[] } = {}) =>
    pemOf(sequence(derInteger(version), sequence(derOid(oid)), der(TAG.octetString, [key]), ...rest));
  const forms = {
    seed: der(TAG.context0, SEED),
    expandedKey: octets(secretKey),
    both: sequence(octets(SEED), octets(secretKey)),
  };
  const publicKey = (bytes: Uint8Array) => der(TAG.context1, Buffer.concat([Buffer.of(0), bytes]));

  it.each(Object.entries(forms))('is read as %s', async (form, key) => {
    const identity = await Identity.fromPem(pem(key));
    expect([identity.algorithm, identity.profile, identity.fingerprint]).toEqual([algorithm, 'hardened', fingerprint]);
    expect(identity.publicKey).toEqual(pair.publicKey);
    expect(Identity.secretKeyOf(identity).equals(pair.secretKey)).toBe(true);
    const written = (await identity.toPem()).export().toString();
    expect(written).toBe(pem(form === 'expandedKey' ? forms.expandedKey : forms.seed));
  });

  it('is written as its seed when it is made anew', async () => {
    const made = await Identity.generate({ algorithm });
    const again = await Identity.fromPem(await made.toPem());
    expect(again.publicKey).toEqual(made.publicKey);
    expect((await made.toPem()).length).toBeLessThan(140);
  });

  it('is written whole when only the secret key is known', async () => {
    const identity = Identity.from({ algorithm, publicKey: pair.publicKey, secretKey });
    expect((await identity.toPem()).export().toString()).toBe(pem(forms.expandedKey));
  });

  it('may have its public key beside it, in version 1', async () => {
    for (const key of Object.values(forms)) {
      expect(await codeOf(pem(key, { version: 1, rest: [publicKey(pair.publicKey)] }))).toBeUndefined();
      expect(await codeOf(pem(key, { version: 1 }))).toBeUndefined();
      const other = publicKey(sig.keypairSync().publicKey);
      expect(await codeOf(pem(key, { version: 1, rest: [other] }))).toBe('PQ_ERR_INVALID_SECRET_KEY');
      expect(await codeOf(pem(key, { rest: [publicKey(pair.publicKey)] }))).toBe('PQ_ERR_KEY_FORMAT');
    }
  });

  it('is refused when seed and expanded key are of two keys', async () => {
    const other = sig.keypairSync({ seed: Buffer.alloc(32, 1) }).secretKey.export();
    expect(await codeOf(pem(sequence(octets(SEED), octets(other))))).toBe('PQ_ERR_INVALID_SECRET_KEY');
    for (const at of [0, 40, 70, 200, 1500, secretKey.length - 1]) {
      const changed = Buffer.from(secretKey);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(await codeOf(pem(sequence(octets(SEED), octets(changed))))).toBe('PQ_ERR_INVALID_SECRET_KEY');
    }
  });

  it('is refused when the expanded key contradicts itself', async () => {
    const trLength = algorithm === 'ML-DSA-87' ? 64 : 32;
    const inTr = Buffer.from(secretKey);
    inTr.writeUInt8(inTr.readUInt8(64 + trLength - 1) ^ 1, 64 + trLength - 1);
    const inS1 = Buffer.from(secretKey);
    inS1.writeUInt8(inS1.readUInt8(64 + trLength) | 7, 64 + trLength); // -5: below -η
    for (const changed of [inTr, inS1]) {
      expect(await codeOf(pem(octets(changed)))).toBe('PQ_ERR_INVALID_SECRET_KEY');
    }
  });

  it.each([
    ['a seed of 31 bytes', der(TAG.context0, SEED.subarray(1))],
    ['a seed of 64 bytes', der(TAG.context0, Buffer.alloc(64))],
    ['a seed under another tag', der(0x81, SEED)],
    ['a seed that is said to have values', der(0xa0, [octets(SEED)])],
    ['an expanded key one byte short', octets(secretKey.subarray(1))],
    ['an expanded key one byte longer', octets(Buffer.concat([secretKey, SEED.subarray(0, 1)]))],
    ['an expanded key of the length of a seed', octets(SEED)],
    ['both in the other order', sequence(octets(secretKey), octets(SEED))],
    ['both and more', sequence(octets(SEED), octets(secretKey), octets(SEED))],
    ['a sequence of one', sequence(octets(SEED))],
    ['nothing', sequence()],
  ])('is refused with %s', async (_, key) => {
    expect(await codeOf(pem(key))).toBe('PQ_ERR_KEY_FORMAT');
  });

  it('is refused with another version, with parameters, and with parts that are not of it', async () => {
    const key = forms.seed;
    const withParameters = sequence(derOid(OIDS[algorithm]), der(TAG.null, Buffer.alloc(0)));
    const wrong = [
      pem(key, { version: 2 }),
      pem(key, { rest: [octets(SEED)] }),
      pem(key, { version: 1, rest: [publicKey(pair.publicKey.subarray(1))] }),
      pem(key, { version: 1, rest: [der(TAG.context1, Buffer.concat([Buffer.of(1), pair.publicKey]))] }),
      pemOf(sequence(derInteger(0), withParameters, der(TAG.octetString, [key]))),
      pemOf(sequence(derInteger(0), sequence(derOid(OIDS[algorithm])), der(TAG.octetString, [key, octets(SEED)]))),
      pemOf(sequence(sequence(derOid(OIDS[algorithm])), der(TAG.octetString, [key]))),
      pemOf(octets(SEED)),
    ];
    for (const one of wrong) expect(await codeOf(one)).toBe('PQ_ERR_KEY_FORMAT');
  });

  it.each(['2.16.840.1.101.3.4.3.18', '1.2.840.113549.1.1.1', '1.3.101.112', '1.3.6.1.4.1.2.267.7.6.5'])(
    'is not one of the algorithm %s, which the error names',
    async (oid) => {
      await expect(Identity.fromPem(pem(forms.seed, { oid }))).rejects.toMatchObject({
        code: 'PQ_ERR_KEY_FORMAT',
        message: expect.stringContaining(oid),
      });
    },
  );

  it('is refused when it is cut off at any byte, by PEM and by DER', async () => {
    const whole = encodeDer(
      sequence(derInteger(0), sequence(derOid(OIDS[algorithm])), der(TAG.octetString, [forms.seed])),
    ).export();
    const text = RFC_SEED.trimEnd();
    for (let length = 0; length < whole.length; length += 1) {
      expect(await codeOf(encodePem('PRIVATE KEY', whole.subarray(0, length)).export())).toBe('PQ_ERR_KEY_FORMAT');
    }
    for (let length = 0; length < text.length; length += 1) {
      expect(await codeOf(text.slice(0, length))).toBe('PQ_ERR_KEY_FORMAT');
    }
    expect(await codeOf(encodePem('PRIVATE KEY', Buffer.concat([whole, Buffer.of(0)])).export())).toBe(
      'PQ_ERR_KEY_FORMAT',
    );
    expect(await codeOf(encodePem('PRIVATE KEY', Buffer.concat([whole, whole])).export())).toBe('PQ_ERR_KEY_FORMAT');
  });

  it('is no key with any bit before the seed changed, but the one of the version', async () => {
    const whole = encodeDer(
      sequence(derInteger(0), sequence(derOid(OIDS[algorithm])), der(TAG.octetString, [forms.seed])),
    ).export();
    const taken: number[] = [];
    for (let bit = 0; bit < whole.indexOf(SEED) * 8; bit += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const code = await codeOf(encodePem('PRIVATE KEY', changed).export());
      if (code === undefined) taken.push(bit);
      else expect(code).toBe('PQ_ERR_KEY_FORMAT');
    }
    expect(taken).toEqual([VERSION_AT * 8]);
  });
});

describe('the example of RFC 9881', () => {
  it('is read, and written as it is', async () => {
    const identity = await Identity.fromPem(RFC_SEED);
    expect(identity.fingerprint).toBe(Identity.from({ algorithm: 'ML-DSA-87', seed: SEED }).fingerprint);
    expect((await identity.toPem()).export().toString()).toBe(RFC_SEED);
    expect(await codeOf(RFC_SEED.replaceAll('\n', '\r\n'))).toBe('PQ_ERR_KEY_FORMAT');
    expect(await codeOf(RFC_SEED + RFC_SEED)).toBe('PQ_ERR_KEY_FORMAT');
  });
});

describe('the profile of a private key', () => {
  const key = (rest: DerValue[], algorithm: SigName = 'Dilithium5') =>
    pemOf(
      sequence(
        derInteger(0),
        sequence(derOid(OIDS[algorithm])),
        der(TAG.octetString, [der(TAG.context0, SEED)]),
        ...rest,
      ),
    );

  it('is kept for a key of the seed profile, which is read only where that is asked for', async () => {
    const made = await Identity.generate({ profile: 'seed' });
    const pem = await made.toPem();
    const again = await Identity.fromPem(pem, { profile: 'seed' });
    expect([again.profile, again.fingerprint]).toEqual(['seed', made.fingerprint]);
    await expect(Identity.fromPem(pem)).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
      message: expect.stringContaining("{ profile: 'seed' }"),
    });
    const hardened = await (await Identity.generate()).toPem();
    await expect(Identity.fromPem(hardened, { profile: 'seed' })).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
    });
  });

  it('is hardened without an attribute, and with one that says so, and among attributes of others', async () => {
    const friendlyName = sequence(
      derOid('1.2.840.113549.1.9.20'),
      der(TAG.set, [der(0x1e, Buffer.from('key', 'utf16le'))]),
    );
    for (const rest of [[], [attributes()], [attributes(...profileOf('hardened'))], [attributes(friendlyName)]]) {
      expect((await Identity.fromPem(key(rest))).profile).toBe('hardened' satisfies Profile);
    }
    const seed = attributes(friendlyName, ...profileOf('seed'));
    expect((await Identity.fromPem(key([seed]), { profile: 'seed' })).profile).toBe('seed');
  });

  it.each([
    ['another name', key([attributes(...profileOf('other'))])],
    ['no name', key([attributes(...profileOf(''))])],
    ['two names', key([attributes(...profileOf('seed', 'hardened'))])],
    ['two values', key([attributes(sequence(derOid(PROFILE_OID), der(TAG.set, [octets(SEED), octets(SEED)])))])],
    ['no value', key([attributes(sequence(derOid(PROFILE_OID), der(TAG.set, [])))])],
    ['more than a name and values', key([attributes(sequence(derOid('1.2'), der(TAG.set, []), octets(SEED)))])],
    ['seed for ML-DSA-87', key([attributes(...profileOf('seed'))], 'ML-DSA-87')],
  ])('is refused with %s', async (_, pem) => {
    expect(await codeOf(pem, { profile: 'seed' })).toBe('PQ_ERR_KEY_FORMAT');
  });
});

describe('a passphrase', () => {
  const identity = Identity.from({ algorithm: 'ML-DSA-87', seed: SEED });
  const passphrases = ['p', 'längeres Wort ✓', Buffer.from([0, 255]), Secret.from(Buffer.from('secret'))];

  it.each(passphrases)('encrypts a key, each time otherwise', async (passphrase) => {
    const [one, two] = await Promise.all([identity.toPem({ passphrase }), identity.toPem({ passphrase })]);
    expect(one.export().toString()).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(one.equals(two)).toBe(false);
    expect(one.export().includes(SEED)).toBe(false);
    expect((await Identity.fromPem(one, { passphrase })).fingerprint).toBe(identity.fingerprint);
  });

  it('is told from none, and from another one', async () => {
    const pem = encrypted({});
    expect(await codeOf(pem)).toBe('PQ_ERR_PASSPHRASE_NEEDED');
    for (const passphrase of ['wrong', 'x ', 'X', Buffer.from('xx')]) {
      expect(await codeOf(pem, { passphrase })).toBe('PQ_ERR_PASSPHRASE_WRONG');
    }
    expect(await codeOf(RFC_SEED, { passphrase: 'x' })).toBe('PQ_ERR_INVALID_OPTION');
  });

  it.each([
    ['', 'PQ_ERR_INVALID_OPTION'],
    [Buffer.alloc(0), 'PQ_ERR_INVALID_OPTION'],
    [1, 'PQ_ERR_INVALID_ARGUMENT'],
    [null, 'PQ_ERR_INVALID_ARGUMENT'],
  ])('is not %j', async (passphrase, code) => {
    await expect(identity.toPem({ passphrase } as never)).rejects.toMatchObject({ code });
    expect(await codeOf(encrypted({}), { passphrase })).toBe(code);
  });

  it('is not left out because of a misspelt option', async () => {
    await expect(identity.toPem({ passphrse: 'x' } as never)).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
    await expect(Identity.fromPem(RFC_SEED, { passwort: 'x' } as never)).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
    });
  });

  it('is in no error', async () => {
    const error: Error = await Identity.fromPem(encrypted({}), { passphrase: 'a secret word' }).catch(
      (thrown) => thrown,
    );
    expect(error.message).not.toContain('secret word');
  });

  const plain = encodeDer(
    sequence(derInteger(0), sequence(derOid(OIDS['ML-DSA-87'])), der(TAG.octetString, [der(TAG.context0, SEED)])),
  ).export();

  interface Parameters {
    readonly pbes?: string;
    readonly kdf?: string;
    readonly cipher?: string;
    readonly prf?: DerValue[];
    readonly salt?: Uint8Array;
    readonly iterations?: number;
    readonly keyLength?: DerValue[];
    readonly iv?: Uint8Array;
    readonly ciphertext?: Uint8Array;
    readonly plain?: Uint8Array;
  }

  /** A key under the passphrase `x`, with parts in the place of others. */
  function encrypted(parts: Parameters): string {
    const { salt = Buffer.alloc(8, 1), iv = Buffer.alloc(16, 2), iterations = 1, keyLength = [] } = parts;
    const key = pbkdf2Sync('x', salt, 1, 32, 'sha256');
    const aes = createCipheriv('aes-256-cbc', key, Buffer.alloc(16, 2));
    const ciphertext = parts.ciphertext ?? Buffer.concat([aes.update(parts.plain ?? plain), aes.final()]);
    const prf = parts.prf ?? [sequence(derOid('1.2.840.113549.2.9'), der(TAG.null, Buffer.alloc(0)))];
    const kdf = sequence(octets(salt), derInteger(iterations), ...keyLength, ...prf);
    const scheme = sequence(
      sequence(derOid(parts.kdf ?? '1.2.840.113549.1.5.12'), kdf),
      sequence(derOid(parts.cipher ?? '2.16.840.1.101.3.4.1.42'), octets(iv)),
    );
    const algorithm = sequence(derOid(parts.pbes ?? '1.2.840.113549.1.5.13'), scheme);
    return pemOf(sequence(algorithm, octets(ciphertext)), 'ENCRYPTED PRIVATE KEY');
  }

  it.each<[string, Parameters]>([
    ['one iteration', {}],
    ['a stated length of the key', { keyLength: [derInteger(32)] }],
    ['HMAC-SHA-256 without NULL', { prf: [sequence(derOid('1.2.840.113549.2.9'))] }],
  ])('is read with %s', async (_, parts) => {
    expect((await Identity.fromPem(encrypted(parts), { passphrase: 'x' })).fingerprint).toBe(identity.fingerprint);
  });

  it.each<[string, Parameters, string?]>([
    ['more than ten million iterations', { iterations: 10_000_001 }, '10000000'],
    ['2^31 - 1 iterations', { iterations: 2 ** 31 - 1 }, '10000000'],
    ['no iterations', { iterations: 0 }],
    ['no salt', { salt: Buffer.alloc(0) }],
    ['a key of 16 bytes', { keyLength: [derInteger(16)] }],
    ['HMAC-SHA-1, which goes without saying', { prf: [] }, 'HMAC-SHA-1'],
    ['HMAC-SHA-512', { prf: [sequence(derOid('1.2.840.113549.2.11'), der(TAG.null, Buffer.alloc(0)))] }],
    ['parameters of HMAC-SHA-256', { prf: [sequence(derOid('1.2.840.113549.2.9'), octets(SEED))] }],
    ['PBES1', { pbes: '1.2.840.113549.1.5.3' }, 'PBES2'],
    ['scrypt', { kdf: '1.3.6.1.4.1.11591.4.11' }, 'PBKDF2'],
    ['AES-128-CBC', { cipher: '2.16.840.1.101.3.4.1.2' }, 'AES-256-CBC'],
    ['an IV of 12 bytes', { iv: Buffer.alloc(12) }],
    ['no ciphertext', { ciphertext: Buffer.alloc(0) }],
    ['a ciphertext that is not of whole blocks', { ciphertext: Buffer.alloc(33) }],
  ])('is not read with %s, before any work', async (_, parts, message = '') => {
    const started = performance.now();
    const error = await Identity.fromPem(encrypted(parts), { passphrase: 'x' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FORMAT', message: expect.stringContaining(message) });
    expect(await codeOf(encrypted(parts))).toBe('PQ_ERR_KEY_FORMAT');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is wrong where what comes out is no key at all, and right where it is another kind of key', async () => {
    for (const wrong of [Buffer.alloc(40), plain.subarray(1), Buffer.concat([plain, Buffer.of(0)])]) {
      expect(await codeOf(encrypted({ plain: wrong }), { passphrase: 'x' })).toBe('PQ_ERR_PASSPHRASE_WRONG');
    }
    const other = encodeDer(sequence(derInteger(0), sequence(derOid('1.3.101.112')), octets(SEED))).export();
    expect(await codeOf(encrypted({ plain: other }), { passphrase: 'x' })).toBe('PQ_ERR_KEY_FORMAT');
  });
});

describe('random bytes', () => {
  it('are an error of ours', async () => {
    const labels = fc.constantFrom('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), labels, async (bytes, label) => {
        for (const pem of [bytes, encodePem(label, bytes).export()]) {
          expect(await codeOf(pem, { passphrase: 'x' })).toMatch(/^PQ_ERR_(KEY_FORMAT|INVALID_OPTION)$/);
        }
      }),
    );
  });

  it('are an error of ours in the place of a part of a key', async () => {
    const whole = Buffer.from(RFC_SEED.split('\n').slice(1, 3).join(''), 'base64');
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, bytes) => {
        const changed = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]);
        expect((await codeOf(encodePem('PRIVATE KEY', changed).export())) ?? 'PQ_ERR_').toMatch(/^PQ_ERR_/);
      }),
    );
  });
});

describe('an identity that was disposed of', () => {
  it('has no PEM and no JWK any more, and its seed is wiped', async () => {
    const seed = Secret.from(SEED);
    const identity = Identity.from({ algorithm: 'ML-DSA-87', seed });
    identity.dispose();
    await expect(identity.toPem()).rejects.toMatchObject({ code: 'PQ_ERR_SECRET_DISPOSED' });
    expect(() => identity.toJwk()).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }));
    expect(seed.disposed).toBe(false); // it had a copy of its own
  });
});
