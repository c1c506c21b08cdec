/** Loads the addon: the one that was built here, or the prebuilt one for this platform. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pqError } from '../errors.js';
import type { Addon } from './addon.js';

const require = createRequire(import.meta.url);

/** The package's folder: this file is two levels below it, in lib/, in dist/ and in dist/bundle/. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function load(): { readonly addon: Addon; readonly addonPath: string } {
  try {
    const addonPath: string = require('node-gyp-build').path(ROOT);
    return { addon: require(addonPath), addonPath };
  } catch (cause) {
    const platform = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
    throw pqError(
      'PQ_ERR_ADDON',
      `no addon for ${platform} in ${ROOT}: build it in a clone of the repository with \`npm ci && npm run build\``,
      { cause },
    );
  }
}

/** The addon, and the file that it was loaded from. */
export const { addon, addonPath } = load();
