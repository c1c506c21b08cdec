/** Says why nobody can listen somewhere, and what to do about it. */
import { CliError, EXIT_CODES } from './report.js';

export function cannotListen(who: string, where: string, error: unknown): CliError {
  const { code } = error as NodeJS.ErrnoException;
  return new CliError(`${who} can't listen on ${where}: ${code}`, HINTS[code ?? ''] ?? HINT, EXIT_CODES.network);
}

const HINT = 'look whether the address is one of this machine';
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody listens there already: end it, or choose another place',
  EACCES: 'ports below 1024 and some folders need rights that you don’t have: choose another, or give them',
};
