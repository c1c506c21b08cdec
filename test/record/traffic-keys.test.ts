import { Secret } from '../../lib/oqs.js';
import { TrafficKeys } from '../../lib/record/traffic-keys.js';
import { checkText, checkValue, fillerSecrets, shown } from '../support/check-values.js';

const clientSecret = () => fillerSecrets().client;
const disposed = expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' });

describe('the keys of one direction', () => {
  it('have the key, the iv and the next secret of PROTOCOL.md', () => {
    const keys = new TrafficKeys(clientSecret());
    const [key, iv] = checkText(/key ([0-9a-f]{64}) +iv ([0-9a-f]{24})/);
    expect(Buffer.from(keys.key).toString('hex')).toBe(key);
    expect(Buffer.from(keys.nextNonce()).toString('hex')).toBe(iv);
    keys.update();
    expect(shown(keys.secret)).toBe(checkValue('c_1'));
  });

  it('are the same where the secret comes with its key and iv, and all of it is wiped', () => {
    const derived = new TrafficKeys(clientSecret());
    const whole = Secret.from(Buffer.concat([derived.secret, derived.key, derived.nextNonce()]));
    const ready = new TrafficKeys(whole);
    expect([ready.secret, ready.key].map((bytes) => Buffer.from(bytes))).toEqual(
      [derived.secret, derived.key].map((bytes) => Buffer.from(bytes)),
    );
    expect(Buffer.from(ready.nextNonce()).equals(Secret.bytesOf(whole).subarray(96))).toBe(true);
    derived.update();
    ready.update();
    expect([shown(ready.secret), whole.disposed]).toEqual([shown(derived.secret), true]);
  });

  it('give the nonces iv XOR a counter that begins at 0, none of them twice', () => {
    const keys = new TrafficKeys(clientSecret());
    const nonces = Array.from({ length: 70_000 }, () => Buffer.from(keys.nextNonce()));
    const iv = nonces[0] as Buffer;
    for (const sequence of [1, 2, 255, 256, 257, 65_535, 65_536, 69_999]) {
      const expected = Buffer.from(iv);
      expected.writeUInt32BE((expected.readUInt32BE(8) ^ sequence) >>> 0, 8);
      expect(nonces[sequence]).toEqual(expected);
    }
    expect(new Set(nonces.map((nonce) => nonce.toString('hex'))).size).toBe(nonces.length);
    expect(keys.sequence).toBe(70_000);
  });

  it('begin each generation with the counter at 0 and another key', () => {
    const keys = new TrafficKeys(clientSecret());
    const seen = new Set<string>();
    for (let generation = 0; generation < 5; generation += 1) {
      expect([keys.generation, keys.sequence]).toEqual([generation, 0]);
      for (const bytes of [keys.key, keys.secret, keys.nextNonce()]) seen.add(Buffer.from(bytes).toString('hex'));
      keys.update();
    }
    expect(seen.size).toBe(15);
  });

  it('go on under a secret of its own as from the beginning', () => {
    const [keys, fresh] = [new TrafficKeys(clientSecret()), new TrafficKeys(Secret.from(Buffer.alloc(64, 9)))];
    keys.nextNonce();
    keys.replace(Secret.from(Buffer.alloc(64, 9)));
    expect(Buffer.from(keys.key)).toEqual(Buffer.from(fresh.key));
    expect(keys.nextNonce()).toEqual(fresh.nextNonce());
    expect([keys.generation, keys.sequence]).toEqual([1, 1]);
  });

  it('wipe a generation when the next begins, and the last when they are disposed of', () => {
    const first = clientSecret();
    const keys = new TrafficKeys(first);
    const [secret, key, nonce] = [keys.secret, keys.key, keys.nextNonce()];
    keys.update();
    expect(first.disposed).toBe(true);
    expect([...secret, ...key, ...nonce].every((byte) => byte === 0)).toBe(true);
    const own = Secret.from(Buffer.alloc(64, 9));
    keys.replace(own);
    const [last, lastNonce] = [keys.key, keys.nextNonce()];
    keys.dispose();
    expect(own.disposed).toBe(true);
    expect([...last, ...lastNonce].every((byte) => byte === 0)).toBe(true);
    expect(() => keys.key).toThrow(disposed);
    expect(() => keys.nextNonce()).toThrow(disposed);
  });
});
