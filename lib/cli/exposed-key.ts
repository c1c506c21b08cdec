/** What is said of a secret key that others can read. */
import type { KeyFileDescription } from '../index.js';
import { CliError, EXIT_CODES } from './report.js';

export function exposedKey(file: string, { mode }: KeyFileDescription): CliError {
  const what = `others than its owner can read or write ${file} (mode ${mode}), so that it is not used`;
  return new CliError(what, `think about who may have read it, and run chmod 600 ${file}`, EXIT_CODES.file);
}
