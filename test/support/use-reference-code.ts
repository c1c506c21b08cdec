/** For the project `reference`: the package loads the addon of the tests, in which liboqs sees no CPU features. */
import { TEST_ADDON_FOLDER, testAddon } from './test-addon.js';

process.env['PQSOCK_PREBUILD'] = TEST_ADDON_FOLDER;
if (testAddon.hideCpuFeatures(true)) throw new Error('liboqs still sees AVX2: the reference code would not run');
