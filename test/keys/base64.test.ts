/** Base64 is Node's, and read strictly. */
import fc from 'fast-check';
import { base64Length, readBase64, writeBase64 } from '../../lib/keys/base64.js';

function written(bytes: Uint8Array): string {
  const into = Buffer.alloc(base64Length(bytes.length));
  expect(writeBase64(bytes, into, 0)).toBe(into.length);
  return into.toString('latin1');
}

function read(text: string): Uint8Array | undefined {
  const into = new Uint8Array(text.length);
  const length = readBase64(Buffer.from(text, 'latin1'), into);
  return length === undefined ? undefined : into.subarray(0, length);
}

it('is what Node makes of the same bytes, and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = written(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(read(text)).toEqual(bytes);
    }),
  );
});

it.each(['A', 'AA', 'AAA', 'AA=', '====', 'A===', 'AB==', 'AAB=', 'AA=A', '=AAA', 'AA==AAAA', 'A A=', 'AA-_', 'AAA\n'])(
  'is not %j',
  (text) => {
    expect(read(text)).toBeUndefined();
  },
);

it('is nothing but what would be written', () => {
  const characters = fc.constantFrom(...'ABQYZaz09+/=-_ \n\0\xff');
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 12 }), (some) => {
      const bytes = read(some.join(''));
      if (bytes !== undefined) expect(written(bytes)).toBe(some.join(''));
    }),
    { numRuns: 2000 },
  );
});
