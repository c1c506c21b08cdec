/** SIGINT and SIGTERM, for a command that has something to end. The second one ends it as the system does. */
import { interruptedBy } from './report.js';

/** @returns aborted at the first signal; the reason is a QuietEnd */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    process.off('SIGINT', end).off('SIGTERM', end);
    const reason = interruptedBy(signal);
    interrupted.abort(reason);
    setTimeout(() => process.exit(process.exitCode ?? reason.exitCode), LONGEST_END).unref(); // what nobody takes from us must not keep us
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return interrupted.signal;
}

/** Milliseconds in which the peer hears of the end. */
const LONGEST_END = 2_000;
