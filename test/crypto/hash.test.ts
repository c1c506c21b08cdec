/** The hashes against published vectors. */
import { sha256, shake256 } from '../../lib/crypto/hash.js';

// FIPS 180-2, appendix B.1 and B.2.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const TWO_BLOCKS = '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1';

it('sha256 is the hash of its parts one after the other', () => {
  expect(sha256(Buffer.from('abc')).toString('hex')).toBe(ABC);
  expect(sha256(Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')).toString('hex')).toBe(ABC);
  const text = Buffer.from('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq');
  expect(sha256(text.subarray(0, 20), text.subarray(20)).toString('hex')).toBe(TWO_BLOCKS);
});

it('sha256 of nothing is the hash of the empty string', () => {
  expect(sha256().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

// NIST's example values for SHAKE256, message of 0 bits.
it('shake256 gives as many bytes as are asked for, the shorter the beginning of the longer', () => {
  const expected = '46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f';
  expect(shake256(Buffer.alloc(0), 32).toString('hex')).toBe(expected);
  const long = shake256(Buffer.alloc(0), 200);
  expect(long).toHaveLength(200);
  expect(long.subarray(0, 32).toString('hex')).toBe(expected);
});
