/** A limit for something that is waited for. */
import { CliError, EXIT_CODES } from './report.js';

/**
 * @param seconds undefined for none
 * @param what was not so in time, as the error says
 * @returns aborted when the time is over; the reason is a CliError
 */
export function timeLimit(seconds: number | undefined, what: string, hint: string): AbortSignal {
  const over = new AbortController();
  const error = () => new CliError(`${what} within ${seconds} s`, hint, EXIT_CODES.network);
  if (seconds !== undefined) setTimeout(() => over.abort(error()), 1000 * seconds).unref();
  return over.signal;
}
