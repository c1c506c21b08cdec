/**
 * Every error that this package makes: one table of codes, one class for each kind of fault. Match on `code`; the
 * texts may change. Errors of the operating system (`ECONNRESET` …) are never wrapped.
 */

/** The base of all errors of this package. */
export class PqError extends Error {
  /** Stable, and documented in docs/ERRORS.md. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The peer sent bytes that don't follow the protocol's form. */
export class MalformedError extends PqError {}

/** The peer sent well-formed bytes that an honest peer doesn't send, or somebody in between did. */
export class MisbehavedError extends PqError {}

/** The trust policy does not accept the peer. */
export class UntrustedError extends PqError {}

/** The caller handed over something wrong. Nothing was done for it. */
export class MisuseError extends PqError {}

/** Something on this machine did not work or took too long. */
export class LocalError extends PqError {}

/** Each code, by who is at fault. */
const CLASS_OF_CODE = {
  PQ_ERR_DECODE: MalformedError,
  PQ_ERR_TRUNCATED: MalformedError,

  PQ_ERR_AUTH_FAILED: MisbehavedError,
  PQ_ERR_BAD_RECORD: MisbehavedError,

  PQ_ERR_UNTRUSTED: UntrustedError,
  PQ_ERR_OWN_KEY: UntrustedError,

  PQ_ERR_INVALID_ARGUMENT: MisuseError,
  PQ_ERR_INVALID_LENGTH: MisuseError,
  PQ_ERR_INVALID_OPTION: MisuseError,
  PQ_ERR_INVALID_PUBLIC_KEY: MisuseError,
  PQ_ERR_INVALID_SECRET_KEY: MisuseError,
  PQ_ERR_CONTEXT_UNSUPPORTED: MisuseError,
  PQ_ERR_DETACHED_BUFFER: MisuseError,
  PQ_ERR_SHARED_BUFFER: MisuseError,
  PQ_ERR_SECRET_DISPOSED: MisuseError,
  PQ_ERR_SECRET_EXPOSED: MisuseError,
  PQ_ERR_UNKNOWN_ALGORITHM: MisuseError,

  PQ_ERR_ADDON: LocalError,
  PQ_ERR_LIMIT_EXCEEDED: LocalError,
  PQ_ERR_NATIVE: LocalError,
  PQ_ERR_OUT_OF_MEMORY: LocalError,
  PQ_ERR_QUEUE_FULL: LocalError,
  PQ_ERR_TIMEOUT: LocalError,
} as const;

export type ErrorCode = keyof typeof CLASS_OF_CODE;

/** All codes, for whoever documents or maps them. */
export const errorCodes = Object.keys(CLASS_OF_CODE) as readonly ErrorCode[];

/** Makes the error of the class that belongs to the code. The message names the object and the remedy, no secret. */
export function pqError(code: ErrorCode, message: string, options?: ErrorOptions): PqError {
  return new CLASS_OF_CODE[code](code, message, options);
}
