/** The addon of the tests: the one that ships, and what only tests may do (test/native/). */
import { join } from 'node:path';
import type { Addon, PreparedMatrix } from '../../lib/native/addon.js';

export interface TestAddon extends Addon {
  /** Runs an operation whose random bytes are these; answers how many are left over. Too few end the process. */
  withRandomBytes(bytes: Uint8Array, operation: () => void): number;
  /** Hides the CPU's features from liboqs, or shows them; answers whether AVX2 is used now. */
  hideCpuFeatures(hidden: boolean): boolean;
  /** Makes the prepared matrix of a key wrong, for all who have it; the same again makes it right. */
  spoilMatrix(algorithm: number, key: Uint8Array): void;
  /** What liboqs says of a signature when it is offered a matrix without a look at whose it is. */
  verifyOffering(
    matrix: PreparedMatrix,
    algorithm: number,
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}

export const TEST_ADDON_FOLDER = join(__dirname, '../../build/test-addon');

export const testAddon: TestAddon = require(join(TEST_ADDON_FOLDER, 'build/Release/pqsock-test.node'));
