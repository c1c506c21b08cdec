/** A limit for something that is waited for. */
import { CliError, EXIT_CODES } from './report.js';

/**
 * @param seconds from 0.1 to a day
 * @param what was not so in time, as the error says
 * @returns aborted when the time is over; the reason is a CliError
 */
export function timeLimit(seconds: number, what: string, hint: string): AbortSignal {
  const over = new AbortController();
  const error = () => new CliError(`${what} within ${seconds} s`, hint, EXIT_CODES.network);
  setTimeout(() => over.abort(error()), 1000 * seconds).unref();
  return over.signal;
}
