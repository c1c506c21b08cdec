/** How much lattice work the process has done. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Kem, type OperationCounts, operationCounts, Sig } from '../../lib/oqs.js';

const MESSAGE = Buffer.from('a message');

describe.each(Kem.algorithms)('%s', (name) => {
  const kem = new Kem(name);

  it('counts each operation, inline and off the event loop', async () => {
    const start = operationCounts();
    const { publicKey, secretKey } = kem.keypairSync();
    const { publicKey: other } = await kem.keypair();
    expect(since(start)).toEqual({ ...NONE, keypair: 2 });
    const { ciphertext } = kem.encapsulateSync(publicKey);
    await kem.encapsulate(other);
    expect(since(start)).toEqual({ ...NONE, keypair: 2, encapsulate: 2 });
    kem.decapsulateSync(secretKey, ciphertext);
    await kem.decapsulate(secretKey, ciphertext);
    expect(since(start)).toEqual({ ...NONE, keypair: 2, encapsulate: 2, decapsulate: 2 });
  });
});

describe.each(Sig.algorithms)('%s', (name) => {
  const sig = new Sig(name);

  it('counts each operation, and a verification that fails as one', async () => {
    const start = operationCounts();
    const { publicKey, secretKey } = sig.keypairSync();
    const signature = sig.signSync(MESSAGE, secretKey);
    await sig.sign(MESSAGE, secretKey);
    expect(since(start)).toEqual({ ...NONE, keypair: 1, sign: 2 });
    sig.verifySync(MESSAGE, signature, publicKey);
    await sig.verify(MESSAGE, Buffer.alloc(3), publicKey);
    expect(since(start)).toEqual({ ...NONE, keypair: 1, sign: 2, verify: 2 });
  });
});

it('counts the operations of all threads', () => {
  const fixture = join(__dirname, 'counts-over-threads.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [fixture], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { before, after } = JSON.parse(stdout) as Record<string, OperationCounts>;
  expect(before).toEqual(NONE);
  expect(after).toEqual({ keypair: 3 * 2 * 4, sign: 3 * 4, verify: 3 * 4, encapsulate: 3 * 4, decapsulate: 3 * 4 });
});

const NONE: OperationCounts = { keypair: 0, sign: 0, verify: 0, encapsulate: 0, decapsulate: 0 };

function since(start: OperationCounts): Record<string, number> {
  const names = Object.keys(start) as (keyof OperationCounts)[];
  const now = operationCounts();
  return Object.fromEntries(names.map((name) => [name, now[name] - start[name]]));
}
