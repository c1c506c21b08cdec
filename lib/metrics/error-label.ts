/** What an error is counted as: one of a table, whatever somebody may have put into it. */
import { errorCodes } from '../errors.js';

/** Its code, if that is one of ours or a usual one of the system; else `other`. */
export function errorLabel(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && KNOWN.has(code) ? code : 'other';
}

const OF_THE_SYSTEM = [
  'ABORT_ERR',
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
];
const KNOWN: ReadonlySet<string> = new Set([...errorCodes, ...OF_THE_SYSTEM]);
