/** Says once in a process that the seed profile is for compatibility only. */

let warned = false;

/** A Node warning; `node --disable-warning=PQSOCK_SEED_PROFILE` silences it. */
export function warnOfSeedProfile(): void {
  if (warned) return;
  warned = true;
  process.emitWarning('the seed profile is for compatibility only: PROTOCOL.md lists what it does not prevent', {
    type: 'SecurityWarning',
    code: 'PQSOCK_SEED_PROFILE',
  });
}
