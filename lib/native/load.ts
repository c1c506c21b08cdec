/** Loads the addon: the one that was built here, or the prebuilt one for this platform. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pqError } from '../errors.js';
import type { Addon } from './addon.js';

const require = createRequire(import.meta.url);

/** The package's folder: this file is two levels below it, in lib/, in dist/ and in dist/bundle/. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Loaded {
  readonly addon: Addon;
  readonly addonPath: string;
}

/** The addon, and the file that it was loaded from. */
export const { addon, addonPath } = load();

function load(): Loaded {
  const tried: string[] = [];
  const causes: unknown[] = [];
  for (const folder of foldersOf(ROOT)) {
    for (const addonPath of filesIn(folder, tried)) {
      try {
        return { addon: require(addonPath), addonPath };
      } catch (cause) {
        tried.push(`${addonPath} (${reasonOf(cause, addonPath)})`);
        causes.push(cause);
      }
    }
  }
  throw pqError(
    'PQ_ERR_ADDON',
    `no addon for ${platform()}; tried: ${tried.join('; ')}. ` +
      'Build one with `npx pqsock build-native`, in a clone of the repository with `npm ci && npm run build`',
    { cause: causes[0] },
  );
}

/** Electron's archives are files, from which nothing can be loaded: addons lie in a folder beside them. */
function foldersOf(root: string): string[] {
  const unpacked = root.replace(/\.asar(?=[\\/])/, '.asar.unpacked');
  return unpacked === root ? [root] : [unpacked, root];
}

/** What node-gyp-build finds, and the file for the other libc: it knows musl by a file that only Alpine has. */
function filesIn(folder: string, tried: string[]): string[] {
  try {
    const found: string = require('node-gyp-build').path(folder);
    const other = found.replace(/\b(glibc|musl)(?=\.node$)/, (libc) => (libc === 'musl' ? 'glibc' : 'musl'));
    return other === found ? [found] : [found, other];
  } catch (error) {
    const [, place = folder] = /loaded from: (.*)/.exec(String(error)) ?? [];
    tried.push(`${place} (has neither build/Release/ nor prebuilds/${process.platform}-${process.arch}/ with one)`);
    return [];
  }
}

function platform(): string {
  const { node, napi = 'unknown' } = process.versions as NodeJS.ProcessVersions & { readonly napi?: string };
  const libc = process.platform === 'linux' ? ` ${libcOfProcess()}` : '';
  return `${process.platform} ${process.arch}${libc}, Node-API ${napi} (Node ${node})`;
}

function libcOfProcess(): string {
  const report = process.report?.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  const glibc = report?.header?.glibcVersionRuntime;
  return glibc === undefined ? 'musl' : `glibc ${glibc}`;
}

function reasonOf(error: unknown, path: string): string {
  const { code, message = String(error) } = error as { readonly code?: string; readonly message?: string };
  if (code === 'MODULE_NOT_FOUND') return 'is not there';
  return (message.split('\n', 1)[0] as string).replace(`${path}: `, '');
}
