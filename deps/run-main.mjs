// @ts-check
/**
 * The command-line form of a script: one path in, `error:` and `hint:` on stderr, exit code 1.
 * It never prints a stack for an error that has a remedy.
 */
import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SourceError } from './source-error.mjs';

/**
 * @param {string} url the module's `import.meta.url`
 * @returns {boolean} whether node was started with this module
 */
export function isMain(url) {
  const started = process.argv[1];
  if (started === undefined || !existsSync(started)) return false;
  return pathToFileURL(realpathSync(started)).href === url;
}

/**
 * @param {string} usage
 * @param {(path: string) => unknown} main
 */
export async function runMain(usage, main) {
  try {
    const [path, ...rest] = process.argv.slice(2);
    if (path === undefined || path.startsWith('-') || rest.length > 0) {
      throw new SourceError('one path is needed', usage);
    }
    await main(path);
  } catch (error) {
    const { message, hint } = withRemedy(error);
    process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
    process.exitCode = 1;
  }
}

/**
 * @param {unknown} error
 * @returns {{ message: string, hint: string }}
 */
function withRemedy(error) {
  if (error instanceof SourceError) return error;
  // The operating system's own errors name the file; anything else is a mistake in this code.
  if (error instanceof Error && 'syscall' in error) {
    return { message: error.message, hint: 'look at the path, its permissions and the free space' };
  }
  throw error;
}
