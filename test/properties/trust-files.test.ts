/** What is written into files of trusted keys is read as the same, and no change touches another line. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { authorizedKeysFile } from '../../lib/index.js';
import { type AuthorizedKey, formatAuthorizedKey, parseAuthorizedKeys } from '../../lib/trust/authorized-key.js';
import { formatHost, parseHost } from '../../lib/trust/host.js';
import { formatKnownHost, parseKnownHosts } from '../../lib/trust/known-host.js';
import { TrustFile } from '../../lib/trust/trust-file.js';
import { TrustFolder } from '../support/trust-files.js';

const RUNS = 300;

const fingerprint = fc
  .tuple(fc.constantFrom('dilithium5', 'mldsa87'), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([label, hash]) => `pqsock1:${label}:${Buffer.from(hash).toString('base64url')}`);
const label = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV6().map((address) => parseHost(`[${address}]`)?.host as string),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
/** Any text that a comment may be: in one line, and nothing that a terminal obeys. */
const comment = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((text) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '').trim());
const seconds = fc.integer({ min: 0, max: 253_402_300_799 }).map((second) => new Date(second * 1000));
const tunnels = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/), { minLength: 1, maxLength: 5 });
const authorizedKey: fc.Arbitrary<AuthorizedKey> = fc.record(
  { fingerprint, expires: seconds, tunnels, comment },
  { requiredKeys: ['fingerprint', 'comment'] },
);
const authorizedKeys = fc.uniqueArray(authorizedKey, { selector: (key) => key.fingerprint, maxLength: 8 });

/** Lines that have no entry. */
const filler = fc.oneof(
  fc.constantFrom('', ' ', '\t', '#', '# # '),
  fc.tuple(fc.constantFrom('', ' ', '\t '), comment).map(([indent, text]) => `${indent}#${text}`),
);
const fillers = fc.array(filler, { maxLength: 3 });

const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

describe('a line of a file of trusted keys', () => {
  it('of a host says when it is read what was written', () => {
    const knownHost = fc.record({ host, port, fingerprint, comment });
    fc.assert(
      fc.property(knownHost, fillers, (entry, before) => {
        const bytes = bytesOf([...before, formatKnownHost(entry)]);
        expect(parseKnownHosts(bytes, 'hosts')).toEqual([{ ...entry, line: before.length + 1 }]);
      }),
      { numRuns: RUNS },
    );
  });

  it('of a key says when it is read what was written', () => {
    fc.assert(
      fc.property(authorizedKey, fillers, (key, before) => {
        const bytes = bytesOf([...before, formatAuthorizedKey(key)]);
        expect([...parseAuthorizedKeys(bytes, 'keys').values()]).toEqual([{ ...key, line: before.length + 1 }]);
      }),
      { numRuns: RUNS },
    );
  });

  it('has a host in one form', () => {
    fc.assert(
      fc.property(host, port, (name, number) => {
        const place = parseHost(formatHost({ host: name, port: number }));
        expect(place).toEqual({ host: parseHost(formatHost({ host: name, port: undefined }))?.host, port: number });
        expect(parseHost(formatHost(place as never).toUpperCase())).toEqual(place);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a file of trusted keys', () => {
  it('of any bytes is read, or refused with its name', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.oneof(fc.string({ maxLength: 30 }), fingerprint, filler), { maxLength: 6 }).map(bytesOf),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const parse of [parseKnownHosts, parseAuthorizedKeys]) {
          try {
            parse(bytes, 'the file');
          } catch (error) {
            expect(error).toMatchObject({ code: 'PQ_ERR_TRUST_FILE', message: expect.stringMatching(/^the file[,:]/) });
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('of any bytes that is changed keeps every byte but those of the line', async () => {
    const folder = new TrustFolder();
    try {
      await fc.assert(
        fc.asyncProperty(authorizedKeys, fillers, fillers, authorizedKey, async (keys, between, after, key) => {
          const others = keys.filter((other) => other.fingerprint !== key.fingerprint);
          const lines = [...others.flatMap((other) => [...between, formatAuthorizedKey(other)]), ...after];
          const path = folder.write(bytesOf(lines));
          const file = authorizedKeysFile(path);
          await file.add(key);
          expect(readFileSync(path).equals(bytesOf([...lines, formatAuthorizedKey(key)]))).toBe(true);
          await file.remove(key.fingerprint);
          expect(readFileSync(path).equals(bytesOf(lines))).toBe(true);
        }),
        { numRuns: 40 },
      );
    } finally {
      folder.remove();
    }
  });

  it('cut off anywhere but at the end of a line is refused', () => {
    fc.assert(
      fc.property(authorizedKeys, fc.nat(), (keys, at) => {
        const bytes = bytesOf(keys.map(formatAuthorizedKey));
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        const whole = cut.length === 0 || cut.at(-1) === 10;
        const read = () => parseAuthorizedKeys(cut, 'keys').size;
        if (whole) expect(read()).toBe(cut.toString().split('\n').length - 1);
        else expect(read).toThrow('the last line has no end');
      }),
      { numRuns: RUNS },
    );
  });

  it('is the same to whoever reads it later', async () => {
    const folder = new TrustFolder();
    try {
      const form = { parse: parseAuthorizedKeys, missing: 'empty' } as const;
      const [writer, reader] = [new TrustFile(folder.file(), form), new TrustFile(folder.file(), form)];
      await fc.assert(
        fc.asyncProperty(authorizedKeys, async (keys) => {
          const written = await writer.update(() => bytesOf(keys.map(formatAuthorizedKey)).toString());
          expect(reader.read()).toEqual(written);
        }),
        { numRuns: 40 },
      );
    } finally {
      folder.remove();
    }
  });
});
