/** A Secret shows itself to nobody, and its bytes are gone when it is disposed of or forgotten. */
import { spawnSync } from 'node:child_process';
import { Console } from 'node:console';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Kem, Secret } from '../../lib/oqs.js';
import { notBytes } from './not-bytes.js';

const BYTES = Buffer.from('thirty-two bytes nobody may see.');
const HEX = BYTES.toString('hex');

describe('what a Secret shows', () => {
  const secret = Secret.from(BYTES);
  const nested = { list: [{ secret }], map: new Map([['secret', secret]]), set: new Set([secret]) };

  it('is its length in a template, a sum and a formatted text', () => {
    expect(`${secret}`).toBe('[Secret 32]');
    expect('a '.concat(String(secret), secret as never)).toBe('a [Secret 32][Secret 32]');
    expect([format('%s %o %O %j', secret, secret, secret, 1), [secret].join()]).toEqual([
      '[Secret 32] [Secret 32] [Secret 32] 1',
      '[Secret 32]',
    ]);
  });

  it.each([
    {},
    { showHidden: true },
    { depth: Number.POSITIVE_INFINITY },
    { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true },
    { compact: false, colors: true },
  ])('is its length when it is inspected with %o', (options) => {
    expect(inspect(secret, options)).toBe('[Secret 32]');
    const shown = inspect(nested, { depth: Number.POSITIVE_INFINITY, ...options });
    expect(shown.match(/\[Secret 32\]/g)).toHaveLength(3);
    expectHidden(shown);
  });

  it('is nothing of its bytes when the custom inspection is off', () => {
    expectHidden(inspect(nested, { customInspect: false, showHidden: true, depth: 9, getters: true }));
  });

  it('is its length on the console', () => {
    const sink = new PassThrough({ encoding: 'utf8' });
    const console = new Console(sink);
    console.log(secret, nested);
    console.dir(nested, { showHidden: true, depth: null });
    const written = String(sink.read());
    expect(written.match(/\[Secret 32\]/g)).toHaveLength(4); // console.dir goes without the custom inspection
    expectHidden(written);
  });

  it('has no property that holds its bytes', () => {
    const { uncloneable, ...others } = Object.getOwnPropertyDescriptors(secret);
    expect(typeof uncloneable.value).toBe('symbol');
    expect(others).toEqual({});
    for (const name of Object.getOwnPropertyNames(Secret.prototype)) {
      if (['constructor', 'export', 'dispose'].includes(name)) continue;
      const value: unknown = Object.getOwnPropertyDescriptor(Secret.prototype, name)?.get?.call(secret);
      expect(['number', 'boolean', 'undefined']).toContain(typeof value);
    }
  });

  // The text of the bytes, their hexadecimal digits, and the list of their numbers.
  function expectHidden(shown: string): void {
    for (const form of [
      BYTES.toString('latin1'),
      HEX,
      HEX.match(/../g)?.join(' '),
      [...BYTES].slice(0, 4).join(', '),
    ]) {
      expect(shown).not.toContain(form);
    }
  }
});

describe('where a Secret does not go', () => {
  const secret = Secret.from(BYTES);
  const uncloneable = expect.objectContaining({ name: 'DataCloneError' });

  it('is a clone', () => {
    for (const value of [secret, { secret }, [secret], new Map([[1, secret]])]) {
      expect(() => structuredClone(value)).toThrow(uncloneable);
    }
    expect(() => serialize({ secret })).toThrow('could not be cloned');
  });

  it('is a message to a port or a worker', async () => {
    const { port1, port2 } = new MessageChannel();
    expect(() => port1.postMessage({ secret })).toThrow(uncloneable);
    port1.close();
    port2.close();
    const worker = new Worker('', { eval: true });
    expect(() => worker.postMessage(secret)).toThrow(uncloneable);
    expect(() => new Worker('', { eval: true, workerData: { secret } })).toThrow(uncloneable);
    await worker.terminate();
  });

  it('is JSON', () => {
    for (const value of [secret, { secret }, [[secret]]]) {
      expect(() => JSON.stringify(value)).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_EXPOSED' }));
    }
  });
});

describe('the bytes of a Secret', () => {
  it('are a copy of those that it was made from, and are copied out again', () => {
    const bytes = Buffer.from(BYTES);
    const secret = Secret.from(bytes);
    bytes.fill(0);
    const copy = secret.export();
    expect(Buffer.isBuffer(copy) && copy.equals(BYTES)).toBe(true);
    copy.fill(0);
    expect(secret.export().equals(BYTES)).toBe(true);
    expect(copy.buffer.byteLength).toBe(32); // not a part of Buffer's pool, which others see
  });

  it('are the key of the KeyObject, which outlives the Secret', () => {
    const secret = Secret.from(BYTES);
    const key = secret.toKeyObject();
    secret.dispose();
    expect(key.type).toBe('secret');
    const mac = createHmac('sha256', key).update('x').digest('hex');
    expect(mac).toBe(createHmac('sha256', BYTES).update('x').digest('hex'));
  });

  it('are compared whole', () => {
    const secret = Secret.from(BYTES);
    expect(secret.equals(secret) && secret.equals(Secret.from(BYTES))).toBe(true);
    for (let i = 0; i < 32; i += 1) {
      const other = Buffer.from(BYTES);
      other.writeUInt8(other.readUInt8(i) ^ 0x80, i);
      expect(secret.equals(Secret.from(other))).toBe(false);
    }
    expect(secret.equals(Secret.from(BYTES.subarray(1)))).toBe(false);
    expect(Secret.from(Buffer.alloc(0)).equals(Secret.from(Buffer.alloc(0)))).toBe(true);
  });

  it('are not made from, and not compared with, anything else', () => {
    const invalid = expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' });
    for (const { value } of notBytes(32)) {
      expect(() => Secret.from(value)).toThrow(invalid);
      expect(() => Secret.from(BYTES).equals(value)).toThrow(invalid);
    }
    expect(() => Secret.from(BYTES).equals(BYTES as never)).toThrow(invalid);
  });
});

describe('the end of a Secret', () => {
  it.each<[string, (secret: Secret) => void]>([
    ['dispose()', (secret) => secret.dispose()],
    ['Symbol.dispose', (secret) => secret[Symbol.dispose]()],
  ])('wipes its bytes and refuses every use: %s', (_, end) => {
    const secret = Secret.from(BYTES);
    const bytes = Secret.bytesOf(secret);
    expect(Buffer.from(bytes).equals(BYTES)).toBe(true);
    end(secret);
    expect(Buffer.from(bytes).equals(Buffer.alloc(32))).toBe(true);
    expect([secret.disposed, secret.length, `${secret}`]).toEqual([true, 32, '[Secret 32]']);
    const disposed = expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' });
    expect(() => secret.export()).toThrow(disposed);
    expect(() => secret.toKeyObject()).toThrow(disposed);
    expect(() => secret.equals(Secret.from(BYTES))).toThrow(disposed);
    expect(() => Secret.from(BYTES).equals(secret)).toThrow(disposed);
    expect(() => secret.equals(Secret.from(Buffer.alloc(1)))).toThrow(disposed);
    expect(() => end(secret)).not.toThrow();
  });

  it('leaves the secrets that were made with it', () => {
    const kem = new Kem('ML-KEM-1024');
    const { publicKey, secretKey } = kem.keypairSync();
    const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);
    const other = kem.decapsulateSync(secretKey, ciphertext);
    secretKey.dispose();
    other.dispose();
    expect(sharedSecret.disposed).toBe(false);
    expect(sharedSecret.export().equals(Buffer.alloc(32))).toBe(false);
  });
});

describe('the parts of a Secret', () => {
  const divided = () => {
    const whole = Secret.allocate(32);
    Secret.bytesOf(whole).set(BYTES);
    const [first, second] = Secret.divide(whole, [12, 20]) as [Secret, Secret];
    return { whole, first, second, bytes: Buffer.from(Secret.bytesOf(whole).buffer) };
  };

  it('are its bytes, without a copy', () => {
    const { first, second, bytes } = divided();
    expect([first.length, second.length]).toEqual([12, 20]);
    expect(Buffer.concat([first.export(), second.export()])).toEqual(BYTES);
    bytes[12] = (bytes[12] as number) ^ 1;
    expect(second.export()[0]).toBe(bytes[12]);
  });

  it('are wiped one by one, and the whole is disposed of with the last', () => {
    const { whole, first, second, bytes } = divided();
    first.dispose();
    first.dispose();
    expect([first.disposed, second.disposed, whole.disposed]).toEqual([true, false, false]);
    expect(bytes).toEqual(Buffer.concat([Buffer.alloc(12), BYTES.subarray(12)]));
    second.dispose();
    expect([second.disposed, whole.disposed]).toEqual([true, true]);
    expect(bytes).toEqual(Buffer.alloc(32));
  });

  it('are disposed of with the whole', () => {
    const { whole, first, bytes } = divided();
    whole.dispose();
    expect([first.disposed, bytes]).toEqual([true, Buffer.alloc(32)]);
    expect(() => first.export()).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }));
  });

  it('may have parts', () => {
    const { whole, first, second, bytes } = divided();
    const [inner, other] = Secret.divide(second, [5, 15]) as [Secret, Secret];
    expect(inner.export()).toEqual(BYTES.subarray(12, 17));
    for (const part of [first, inner]) part.dispose();
    expect([second.disposed, whole.disposed]).toEqual([false, false]);
    other.dispose();
    expect([second.disposed, whole.disposed, bytes]).toEqual([true, true, Buffer.alloc(32)]);
  });
});

describe('the memory of a Secret', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', join(__dirname, 'secret-memory.mjs')],
    { encoding: 'utf8' },
  );
  const seen: Record<string, unknown> = status === 0 ? JSON.parse(stdout) : { stderr };

  it('is wiped when the Secret has been forgotten, and all parts of it', () => {
    expect(seen).toMatchObject({ wholeWhileHeld: true, partWhileHeld: true, wipedWhenForgotten: true });
  });

  // Only what is allocated outside V8's heap, where nothing moves, is counted as an ArrayBuffer's.
  it('is outside the heap that the garbage collector moves, from the first byte', () => {
    expect(seen).toMatchObject({ ofPlainArrays: 0, ofSecrets: 10_000 * 32 });
  });
});
