/** For the projects `prepared…`: each signature is made and verified with a key that was prepared before. */
import { Secret } from '../../lib/crypto/secret.js';
import { Sig } from '../../lib/crypto/sig.js';
import { addon } from '../../lib/native/load.js';
import { PREPARED_KEYS, prepareIfWanted, release } from './prepared-keys.js';
import { TEST_ADDON_FOLDER, testAddon } from './test-addon.js';

process.env[PREPARED_KEYS] = '1';
testAddon.hideCpuFeatures(process.env['PQSOCK_PREBUILD'] === TEST_ADDON_FOLDER);

/** Each operation, and where its key stands among its arguments. */
const KEY_AT = { sign: 1, signSync: 1, verify: 2, verifySync: 2 } as const;

for (const [name, keyAt] of Object.entries(KEY_AT)) {
  const plain = Reflect.get(Sig.prototype, name) as (this: Sig, ...args: unknown[]) => unknown;
  const value = function (this: Sig, ...args: unknown[]): unknown {
    const key = args[keyAt];
    const bytes = Secret.isSecret(key) && !key.disposed ? Secret.bytesOf(key) : key;
    prepareIfWanted(addon, this.algorithm, bytes);
    return plain.apply(this, args);
  };
  Object.defineProperty(Sig.prototype, name, { value, writable: true, configurable: true });
}

// Files of other projects run in the same process, and must not find these.
afterAll(() => release());

const counts = new Float64Array(1);
const pinned = (): number => {
  addon.matrixCounts(counts);
  return counts[0] as number;
};
const [before, sig] = [pinned(), new Sig('ML-DSA-87')];
sig.verifySync(new Uint8Array(1), new Uint8Array(sig.signatureLength), crypto.getRandomValues(new Uint8Array(2592)));
if (pinned() !== before + 1) throw new Error('the keys would not be prepared');
