import { createHash } from 'node:crypto';
import { fingerprintWords } from '../../lib/index.js';
import { EVEN_WORDS, ODD_WORDS } from '../../lib/keys/word-list.js';

const fingerprintWith = (hash: Buffer, label = 'dilithium5') => `pqsock1:${label}:${hash.toString('base64url')}`;
/** Examples that are in print about PGP fingerprints, 20 bytes each; we say 16. */
const PRINTED = [
  ['E58294F2E9A227486E8B061B31CC528F', 'topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator'],
  ['6E8B061B31CC528FD7FA3F19E58294F2', 'goldfish Medusa afflict bravado chatter revolver Dupont midsummer'],
] as const;

describe('the words of a fingerprint', () => {
  it.each(PRINTED)('are those of the PGP word list: %s', (hex, first) => {
    const hash = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(16)]);
    expect(fingerprintWords(fingerprintWith(hash)).slice(0, 8).join(' ')).toBe(first);
  });

  it('are sixteen, for the first 128 bits', () => {
    const hash = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 8));
    const words = fingerprintWords(fingerprintWith(hash));
    expect(words).toHaveLength(16);
    hash.fill(0xff, 16);
    expect(fingerprintWords(fingerprintWith(hash))).toEqual(words);
  });

  it('change with every one of these bits', () => {
    const seen = new Set([fingerprintWords(fingerprintWith(Buffer.alloc(32))).join(' ')]);
    for (let bit = 0; bit < 128; bit += 1) {
      const hash = Buffer.alloc(32);
      hash[bit >> 3] = 1 << (bit & 7);
      seen.add(fingerprintWords(fingerprintWith(hash, 'mldsa87')).join(' '));
    }
    expect(seen.size).toBe(129);
  });

  it('are of 512 different ones, in lists that nobody has changed', () => {
    expect([EVEN_WORDS.length, ODD_WORDS.length]).toEqual([256, 256]);
    expect(new Set([...EVEN_WORDS, ...ODD_WORDS].map((word) => word.toLowerCase())).size).toBe(512);
    const digest = createHash('sha256')
      .update([...EVEN_WORDS, ...ODD_WORDS].join('\n'))
      .digest('hex');
    expect(digest).toBe('e9b7b0052233a74aa56724ed3f79c272036aed68d8f4c0856e833c8043b9ac62');
  });

  it.each(['', 'pqsock1:dilithium5:AAAA', undefined])('are not said of %p, which is no fingerprint', (text) => {
    expect(() => fingerprintWords(text as string)).toThrow(expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }));
  });
});
