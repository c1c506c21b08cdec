// @ts-check
/**
 * Authorizes keys in a process of its own, one after the other, and prints each when it is done:
 * `node trust-writer.mjs FILE COUNT`.
 */
import { randomBytes } from 'node:crypto';
import { authorizedKeysFile } from 'pqsock';

const [path, count] = process.argv.slice(2);
const keys = authorizedKeysFile(/** @type {string} */ (path));
for (let i = 0; i < Number(count); i += 1) {
  const fingerprint = `pqsock1:dilithium5:${randomBytes(32).toString('base64url')}`;
  await keys.add({ fingerprint, comment: `process ${process.pid}` });
  process.stdout.write(`${fingerprint}\n`);
}
