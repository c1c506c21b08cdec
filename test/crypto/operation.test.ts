/** Operations in one request: the order, what one makes for the next, and where they stop. */
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { kemOperations } from '../../lib/crypto/kem.js';
import { Operation } from '../../lib/crypto/operation.js';
import { sigOperations } from '../../lib/crypto/sig.js';
import { kemAlgorithm, sigAlgorithm } from '../../lib/crypto/suites.js';
import { addon } from '../../lib/native/load.js';
import { Kem, operationCounts, Sig } from '../../lib/oqs.js';
import { FORMS, type Form } from './both-forms.js';

const KEM = kemAlgorithm('Kyber1024');
const SIG = sigAlgorithm('Dilithium5');
const MESSAGE = Buffer.from('a message');
const kem = new Kem('Kyber1024');
const sig = new Sig('Dilithium5');

describe.each(FORMS)('%s', (form) => {
  const identity = sig.keypairSync();

  it('an operation that follows another is given what the first one makes', async () => {
    const operation = kemOperations
      .keypair(KEM)
      .followedBy(({ publicKey }) => sigOperations.sign(SIG, publicKey, identity.secretKey));
    const { first, second } = await run(form, operation);
    expect(sig.verifySync(first.publicKey, second, identity.publicKey)).toBe(true);
    const { ciphertext, sharedSecret } = kem.encapsulateSync(first.publicKey);
    expect(kem.decapsulateSync(first.secretKey, ciphertext).equals(sharedSecret)).toBe(true);
  });

  it('four operations follow each other', async () => {
    const operation = kemOperations
      .keypair(KEM)
      .followedBy(({ publicKey }) => kemOperations.encapsulate(KEM, publicKey))
      .followedBy(({ first, second }) => kemOperations.decapsulate(KEM, first.secretKey, second.ciphertext))
      .followedBy(({ second }) => sigOperations.sign(SIG, second, identity.secretKey));
    const { first, second: signature } = await run(form, operation);
    expect(first.second.equals(first.first.second.sharedSecret)).toBe(true);
    expect(sig.verifySync(first.second, signature, identity.publicKey)).toBe(true);
  });

  it('an operation that depends on a right signature runs after it', async () => {
    const signature = sig.signSync(MESSAGE, identity.secretKey);
    const verification = sigOperations.verify(SIG, MESSAGE, signature, identity.publicKey);
    const before = operationCounts();
    const pair = await run(form, kemOperations.keypair(KEM).provided(verification));
    expect(pair?.publicKey).toHaveLength(1568);
    expect(operationCounts()).toEqual({ ...before, keypair: before.keypair + 1, verify: before.verify + 1 });
  });

  it('an operation that depends on a wrong signature does not run', async () => {
    const verification = sigOperations.verify(SIG, MESSAGE, Buffer.alloc(4595), identity.publicKey);
    const before = operationCounts();
    expect(await run(form, kemOperations.keypair(KEM).provided(verification))).toBeUndefined();
    expect(operationCounts()).toEqual({ ...before, verify: before.verify + 1 });
  });

  it('a later operation that is refused names its own argument', async () => {
    const badKey = Buffer.alloc(1568, 0xff);
    const operation = kemOperations.keypair(KEM).followedBy(() => kemOperations.encapsulate(KEM, badKey));
    await expect(run(form, operation)).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_PUBLIC_KEY',
      message: expect.stringContaining('publicKey'),
    });
  });

  it.each([
    [() => kemOperations.decapsulate(KEM, Buffer.alloc(3167), Buffer.alloc(1568)), 'secretKey of 3167 bytes'],
    [() => kemOperations.decapsulate(KEM, Buffer.alloc(3168), Buffer.alloc(1567)), 'ciphertext of 1567 bytes'],
    [() => sigOperations.verify(SIG, MESSAGE, MESSAGE, Buffer.alloc(1)), 'publicKey of 1 bytes'],
  ])('an error names the argument at fault: %#', async (operation, text) => {
    await expect(run<unknown>(form, operation())).rejects.toMatchObject({ message: expect.stringContaining(text) });
  });

  it('a status that nobody expects is an error of its own', async () => {
    const outOfTable = { name: 'none', number: 99 };
    const operation = new Operation([{ operation: 'kemKeypair', algorithm: outOfTable, arguments: [] }], () => 0);
    await expect(run(form, operation)).rejects.toMatchObject({ code: 'PQ_ERR_NATIVE' });
  });
});

describe('when as many operations wait as may', () => {
  afterEach(() => addon.configurePool(availableParallelism(), 16_384));

  it('refuses another one, and does those that run inline', async () => {
    addon.configurePool(1, 0);
    const before = operationCounts();
    await expect(kem.keypair()).rejects.toMatchObject({ code: 'PQ_ERR_QUEUE_FULL', name: 'LocalError' });
    expect(operationCounts()).toEqual(before);
    expect(kem.keypairSync().publicKey).toHaveLength(1568);
  });

  it('says that it refuses one only after it was asked', async () => {
    addon.configurePool(1, 0);
    const done = jest.fn();
    kemOperations.keypair(KEM).begin(done);
    expect(done).not.toHaveBeenCalled();
    await nextTurn();
    expect(done).toHaveBeenCalledWith(expect.objectContaining({ code: 'PQ_ERR_QUEUE_FULL' }));
  });
});

async function run<T>(form: Form, operation: Operation<T>): Promise<T> {
  return form === 'inline' ? operation.runSync() : operation.run();
}
