/** Which failures to connect may pass by themselves: the far end is away, or has too much to do. */
import { AlertError } from '../../index.js';

/** A name that isn't there may come with its program, as where containers are started together. */
const TRANSIENT: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT', // of a Unix socket
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PQ_ERR_TIMEOUT',
  'PQ_ERR_TRUNCATED',
]);

/** A server that is about to stop, has too much to do, or did not hear from us in time. */
const TRANSIENT_ALERTS: ReadonlySet<unknown> = new Set(['busy', 'close_by_user', 'timeout']);

/** Whether to try again. Never if one side does not trust the other, or they have nothing in common. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AlertError) return TRANSIENT_ALERTS.has(error.alert);
  return TRANSIENT.has((error as { code?: unknown } | null)?.code);
}
