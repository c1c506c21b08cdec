/** The addon of the tests: the one that ships, and what only tests may do (test/native/). */
import { join } from 'node:path';
import type { Addon } from '../../lib/native/addon.js';

export interface TestAddon extends Addon {
  /** Runs an operation whose random bytes are these; answers how many are left over. Too few end the process. */
  withRandomBytes(bytes: Uint8Array, operation: () => void): number;
  /** Hides the CPU's features from liboqs, or shows them; answers whether AVX2 is used now. */
  hideCpuFeatures(hidden: boolean): boolean;
}

export const TEST_ADDON_FOLDER = join(__dirname, '../../build/test-addon');

export const testAddon: TestAddon = require(join(TEST_ADDON_FOLDER, 'build/Release/pqsock-test.node'));
