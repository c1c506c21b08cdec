import { randomBytes } from '../../lib/crypto/random.js';

describe('random bytes', () => {
  it.each([0, 1, 32, 1000])('are as many as %d', (length) => {
    expect(randomBytes(length).length).toBe(length);
  });

  it('are other ones each time', () => {
    const drawn = Array.from({ length: 100 }, () => Buffer.from(randomBytes(32)).toString('hex'));
    expect(new Set(drawn).size).toBe(100);
  });

  it('fill every place', () => {
    const seen = new Uint8Array(64);
    for (let i = 0; i < 20; i += 1)
      for (const [at, byte] of randomBytes(64).entries()) seen[at] = (seen[at] ?? 0) | byte;
    expect(seen.every((byte) => byte !== 0)).toBe(true);
  });

  it('are in memory of their own', () => {
    const bytes = randomBytes(32);
    expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, 32]);
  });
});
