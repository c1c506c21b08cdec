/** Imported before anything of lib/: the package then loads the addon of the tests, whose randomness can be fixed. */
import { TEST_ADDON_FOLDER } from './test-addon.js';

process.env['PQSOCK_PREBUILD'] = TEST_ADDON_FOLDER;
