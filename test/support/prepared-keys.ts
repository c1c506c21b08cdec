/** Whether the Jest project is one whose signature keys are all prepared, and what it takes for that. */
import { type SigName, sigAlgorithm } from '../../lib/crypto/suites.js';
import type { Addon, PreparedMatrix } from '../../lib/native/addon.js';

/** Set for its test files by use-prepared-keys.ts. */
export const PREPARED_KEYS = 'PQSOCK_TEST_PREPARED_KEYS';

/** Enough for all that are in use at a time. */
const MOST = 64;
const held: { addon: Addon; matrix: PreparedMatrix }[] = [];

/** Prepares a key with this addon, if the project wants it and it is one. It is let go of when many others came. */
export function prepareIfWanted(addon: Addon, name: SigName, key: unknown): void {
  if (process.env[PREPARED_KEYS] !== '1' || !(key instanceof Uint8Array)) return;
  const matrix = addon.prepareKey(sigAlgorithm(name).number, key);
  if (typeof matrix === 'number') return;
  held.push({ addon, matrix });
  if (held.length > MOST) release(1);
}

/** Lets go of the oldest, or of all. */
export function release(count = held.length): void {
  for (const { addon, matrix } of held.splice(0, count)) addon.releaseKey(matrix);
}
