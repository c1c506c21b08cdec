/** What ends that was given an AbortSignal. As Node's own streams have it. */
export function abortError(cause: unknown): Error {
  return Object.assign(new Error('the operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });
}
