// @ts-check
/** Reads an identity from a file, writes it twice, lets go of it: for kept-identity.test.ts, which looks at its memory. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readIdentity, writeIdentity } from 'pqsock';

const [folder = '', passphrase] = process.argv.slice(2);
const identity = await readIdentity(join(folder, 'given.pem'), { passphrase });
await writeIdentity(join(folder, 'plain.pem'), identity);
await writeIdentity(join(folder, 'encrypted.pem'), identity, { passphrase });
process.stdout.write('held\n');
await once(process.stdin, 'data');
identity.dispose();
for (let i = 0; i < 5; i += 1) {
  globalThis.gc?.();
  await setImmediate();
}
process.stdout.write('disposed\n');
await once(process.stdin, 'data');
process.exit();
