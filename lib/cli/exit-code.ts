/** Which exit code an error has: docs/CLI.md has the table, which is that of all verbs. */
import { AlertError, type ErrorCode, PqError } from '../index.js';
import { CliError, EXIT_CODES, QuietEnd } from './report.js';

/** @param error of anything but a connection that was open: what ends one of these is a cut, whatever it is */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError || error instanceof QuietEnd) return error.exitCode;
  if (error instanceof AlertError) return error.alert === 'auth_failed' ? EXIT_CODES.refused : EXIT_CODES.network;
  if (error instanceof PqError) return BY_CODE[error.code] ?? EXIT_CODES.failed;
  const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return NETWORK_CALLS.has(syscall) ? EXIT_CODES.network : EXIT_CODES.failed;
}

const NETWORK_CALLS: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo', 'listen', 'bind', 'read', 'write']);

const { usage, file, refused, network } = EXIT_CODES;

const BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  PQ_ERR_INVALID_OPTION: usage,

  PQ_ERR_INVALID_PUBLIC_KEY: file,
  PQ_ERR_INVALID_SECRET_KEY: file,
  PQ_ERR_KEY_FILE: file,
  PQ_ERR_KEY_FILE_EXISTS: file,
  PQ_ERR_KEY_FORMAT: file,
  PQ_ERR_PASSPHRASE_NEEDED: file,
  PQ_ERR_PASSPHRASE_WRONG: file,
  PQ_ERR_TRUST_FILE: file,

  PQ_ERR_AUTH_FAILED: refused,
  PQ_ERR_OWN_KEY: refused,
  PQ_ERR_UNTRUSTED: refused,

  PQ_ERR_BAD_RECORD: network,
  PQ_ERR_BUSY: network,
  PQ_ERR_DECODE: network,
  PQ_ERR_FLOOD: network,
  PQ_ERR_NO_COMMON_SUITE: network,
  PQ_ERR_NO_COMMON_VERSION: network,
  PQ_ERR_REKEY: network,
  PQ_ERR_TICKET: network,
  PQ_ERR_TIMEOUT: network,
  PQ_ERR_TRUNCATED: network,
  PQ_ERR_UNEXPECTED_MESSAGE: network,
};
