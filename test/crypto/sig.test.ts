/** What the operations of a signature refuse, and that nothing the caller does meanwhile changes their result. */
import { operationCounts, Secret, Sig } from '../../lib/oqs.js';
import { call, FORMS, refusal } from './both-forms.js';
import { cloneAway, notBytes, resizableCopy, strangeMemory, type Wrong } from './not-bytes.js';

const MESSAGE = Buffer.from('a message of some length');

describe.each(Sig.algorithms)('%s', (name) => {
  const sig = new Sig(name);
  const { publicKey, secretKey } = sig.keypairSync();
  const signature = sig.signSync(MESSAGE, secretKey);

  /** Each argument of each operation, by what it makes of a value in its place. */
  const operands: [string, Uint8Array, (value: unknown) => unknown[]][] = [
    ['keypair', Buffer.alloc(32), (value) => [{ seed: value }]],
    ['publicKeyOf', secretKey.export(), (value) => [value]],
    ['sign', MESSAGE, (value) => [value, secretKey]],
    ['sign', secretKey.export(), (value) => [MESSAGE, value]],
    ['sign', Buffer.alloc(9), (value) => [MESSAGE, secretKey, { context: value }]],
    ['verify', MESSAGE, (value) => [value, signature, publicKey]],
    ['verify', signature, (value) => [MESSAGE, value, publicKey]],
    ['verify', publicKey, (value) => [MESSAGE, signature, value]],
    ['verify', Buffer.alloc(9), (value) => [MESSAGE, signature, publicKey, { context: value }]],
  ];

  describe.each(FORMS)('%s', (form) => {
    const kinds: [string, (bytes: Uint8Array) => Wrong[]][] = [
      ['what is not bytes', (bytes) => notBytes(bytes.length)],
      ['memory that is gone or shared', strangeMemory],
    ];

    it.each(kinds)('refuses %s before any work', async (_, wrongOf) => {
      const before = operationCounts();
      for (const [operation, bytes, args] of operands) {
        for (const { what, value, code } of wrongOf(bytes)) {
          expect([what, await refusal(form, sig, operation, ...args(value))]).toEqual([what, code]);
        }
      }
      expect(operationCounts()).toEqual(before);
    });

    it('refuses missing arguments', async () => {
      for (const args of [[], [MESSAGE]]) {
        expect(await refusal(form, sig, 'sign', ...args)).toBe('PQ_ERR_INVALID_ARGUMENT');
      }
      for (const args of [[], [MESSAGE], [MESSAGE, signature]]) {
        expect(await refusal(form, sig, 'verify', ...args)).toBe('PQ_ERR_INVALID_ARGUMENT');
      }
    });

    it('refuses options that are none, among them a context in their place', async () => {
      const before = operationCounts();
      const wrong = [null, 1, 'context', Buffer.from('context'), Secret.from(MESSAGE), { contexts: MESSAGE }];
      for (const options of wrong) {
        expect(await refusal(form, sig, 'sign', MESSAGE, secretKey, options)).toBe('PQ_ERR_INVALID_OPTION');
        expect(await refusal(form, sig, 'verify', MESSAGE, signature, publicKey, options)).toBe(
          'PQ_ERR_INVALID_OPTION',
        );
      }
      expect(operationCounts()).toEqual(before);
    });

    it('refuses a secret that was disposed of, as a key and as a message, before any work', async () => {
      const disposed = Secret.from(secretKey.export());
      disposed.dispose();
      const before = operationCounts();
      expect(await refusal(form, sig, 'sign', MESSAGE, disposed)).toBe('PQ_ERR_SECRET_DISPOSED');
      expect(await refusal(form, sig, 'sign', disposed, secretKey)).toBe('PQ_ERR_SECRET_DISPOSED');
      expect(await refusal(form, sig, 'verify', disposed, signature, publicKey)).toBe('PQ_ERR_SECRET_DISPOSED');
      expect(operationCounts()).toEqual(before);
    });

    it('signs a Secret as the bytes that it has, and an empty view as an empty message', async () => {
      const made = await call<Buffer>(form, sig, 'sign', Secret.from(MESSAGE), secretKey);
      expect(await call(form, sig, 'verify', MESSAGE, made, publicKey)).toBe(true);
      const empty = await call<Buffer>(form, sig, 'sign', MESSAGE.subarray(3, 3), secretKey);
      expect(await call(form, sig, 'verify', new Uint8Array(0), empty, publicKey)).toBe(true);
    });

    it('signs a view that tracks a resizable buffer for as long as it is', async () => {
      const buffer = resizableCopy(MESSAGE);
      const view = new Uint8Array(buffer);
      buffer.resize(5);
      const made = await call<Buffer>(form, sig, 'sign', view, secretKey);
      expect(await call(form, sig, 'verify', MESSAGE.subarray(0, 5), made, publicKey)).toBe(true);
    });
  });

  it('never throws from the form that gives a promise', async () => {
    for (const [operation, , args] of operands) {
      const promise: unknown = Reflect.apply(Reflect.get(sig, operation) as () => unknown, sig, args(null));
      expect(promise).toBeInstanceOf(Promise);
      await expect(promise).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_ARGUMENT' });
    }
  });

  it('signs and verifies what was there when it was called', async () => {
    const [message, key] = [Buffer.from(MESSAGE), secretKey.export()];
    const signing = sig.sign(message, key);
    message.fill(0);
    key.fill(0);
    const made = await signing;
    expect(sig.verifySync(MESSAGE, made, publicKey)).toBe(true);

    const copies = [Buffer.from(MESSAGE), Buffer.from(made), Buffer.from(publicKey)] as const;
    const verifying = sig.verify(...copies);
    for (const copy of copies) copy.fill(0);
    expect(await verifying).toBe(true);
  });

  it('signs while its inputs are disposed of, transferred and made smaller', async () => {
    const own = sig.keypairSync();
    const transferred = Uint8Array.from(MESSAGE);
    const resizable = resizableCopy(MESSAGE);
    const promises = [sig.sign(transferred, own.secretKey), sig.sign(new Uint8Array(resizable), own.secretKey)];
    own.secretKey.dispose();
    cloneAway(transferred);
    resizable.resize(0);
    for (const made of await Promise.all(promises)) {
      expect(sig.verifySync(MESSAGE, made, own.publicKey)).toBe(true);
    }
  });
});

it('signs with a context that is changed after the call', async () => {
  const sig = new Sig('ML-DSA-87');
  const { publicKey, secretKey } = sig.keypairSync();
  const context = Buffer.from('context');
  const signing = sig.sign(MESSAGE, secretKey, { context });
  context.fill(0);
  expect(sig.verifySync(MESSAGE, await signing, publicKey, { context: Buffer.from('context') })).toBe(true);
});
