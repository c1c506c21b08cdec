/** PEM: one block, as it is written, and nothing else. */
import fc from 'fast-check';
import { Secret } from '../../lib/crypto/secret.js';
import { decodePem, encodePem, LONGEST_PEM } from '../../lib/keys/pem.js';

const LABELS = ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];
const KEY = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
const PEM = encodePem('PRIVATE KEY', KEY).export().toString();
const LINES = PEM.split('\n');

const refused = (pem: unknown): string => {
  try {
    decodePem(pem as string, LABELS);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    expect(code).toBe('PQ_ERR_KEY_FORMAT');
    return message;
  }
  throw new Error(`not refused: ${JSON.stringify(pem)}`);
};

describe('PEM', () => {
  it('has lines of 64 characters and ends with LF', () => {
    expect(LINES.map((line) => line.length)).toEqual([27, 64, 64, 8, 25, 0]);
    expect(PEM.startsWith('-----BEGIN PRIVATE KEY-----\nAAECAwQF')).toBe(true);
  });

  it('gives back what was written, as text and as bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...LABELS), (bytes, label) => {
        const pem = encodePem(label, bytes);
        for (const form of [pem, pem.export(), pem.export().toString()]) {
          const read = decodePem(form, LABELS);
          expect([read.label, Uint8Array.from(read.bytes.export())]).toEqual([label, bytes]);
        }
      }),
    );
  });

  it('may lack the last LF, and leaves the bytes of the caller alone', () => {
    const bytes = Buffer.from(PEM.trimEnd());
    expect(decodePem(bytes, LABELS).bytes.export()).toEqual(KEY);
    expect(bytes.toString()).toBe(PEM.trimEnd());
  });

  it('is nothing that was cut off', () => {
    for (let length = 0; length < PEM.length - 1; length += 1) refused(PEM.slice(0, length));
  });

  it.each([
    ['CR LF', PEM.replaceAll('\n', '\r\n'), /CR LF/],
    ['one CR', PEM.replace('\n', '\r\n'), /CR LF/],
    ['CR alone', PEM.replaceAll('\n', '\r'), /CR LF/],
    ['itself twice', PEM + PEM, /something follows/],
    ['text after it', `${PEM}x`, /something follows/],
    ['an empty line after it', `${PEM}\n`, /something follows/],
    ['text before it', `Key:\n${PEM}`, /does not begin/],
    ['an empty line before it', `\n${PEM}`, /does not begin/],
    ['a byte order mark', `\ufeff${PEM}`, /does not begin/],
    ['another label', PEM.replaceAll('PRIVATE', 'PUBLIC'), /it is a PUBLIC KEY/],
    ['another label at its end', PEM.replace('END PRIVATE', 'END PUBLIC'), /end is missing/],
    ['a label in small letters', PEM.toLowerCase(), /does not begin/],
    ['a space at the end of the first line', PEM.replace('-----\n', '----- \n'), /and not/],
    [
      'a line of 63',
      PEM.replace(`${LINES[1]}\n`, `${LINES[1]?.slice(0, 63)}\n${LINES[1]?.slice(63)}`),
      /64 characters/,
    ],
    ['lines of 76', PEM.replace(/\n([^-]+)\n-/s, (_, all) => `\n${all.replaceAll('\n', '')}\n-`), /64 characters/],
    ['an empty line within', PEM.replace(`${LINES[1]}\n`, `${LINES[1]}\n\n`), /64 characters/],
    ['a header', PEM.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n'), /64 characters/],
    ['another character', PEM.replace('AAEC', 'AA-C'), /base64/],
    ['a character that is not ASCII', PEM.replace('AAEC', 'AAé1'), /base64|64 characters/],
    ['a NUL', PEM.replace('AAEC', 'AA\0C'), /base64/],
    ['bits that are left over', PEM.replace('==', 'B='), /base64/],
    ['padding within', PEM.replace('AAEC', 'AA=='), /base64/],
  ])('is not PEM with %s', (_, pem, message) => {
    expect(refused(pem)).toMatch(message);
    expect(refused(Buffer.from(pem))).toMatch(message);
  });

  it('is looked at to a length, as text and as bytes', () => {
    const long = PEM + '\n'.repeat(LONGEST_PEM);
    for (const pem of [long, Buffer.from(long), Secret.from(Buffer.from(long))]) {
      expect(refused(pem)).toMatch(`longer than ${LONGEST_PEM} bytes`);
    }
  });

  it('shows nothing of what it holds in an error', () => {
    for (const pem of [PEM.replace('END', 'AND'), PEM.slice(0, 60), PEM + PEM, LINES[1]]) {
      expect(refused(pem)).not.toMatch(/AAEC|Njc4/);
    }
  });

  it.each([undefined, null, 1, {}, ['x']])('is not %j', (value) => {
    expect(() => decodePem(value as never, LABELS)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }),
    );
  });
});
