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

/** The two sides have no version or suite in common. */
export class IncompatibleError extends PqError {}

/** The trust policy does not accept the peer. */
export class UntrustedError extends PqError {}

/** The caller handed over something wrong. Nothing was done for it. */
export class MisuseError extends PqError {}

/** Something on this machine did not work or took too long. */
export class LocalError extends PqError {}

/** The peer has ended the connection, and says why. */
export class AlertError extends PqError {
  /** The peer's reason. Before the handshake is complete anybody on the way can make one up. */
  readonly alert: AlertName;

  constructor(alert: AlertName, message: string) {
    super('PQ_ERR_ALERT', message);
    this.alert = alert;
  }
}

/** The reasons that are sent to a peer; PROTOCOL.md has their numbers. */
export type AlertName =
  | 'close_by_user'
  | 'unexpected_message'
  | 'decode_error'
  | 'no_common_suite'
  | 'no_common_version'
  | 'auth_failed'
  | 'ticket_rejected'
  | 'busy'
  | 'timeout'
  | 'bad_record'
  | 'limit_exceeded'
  | 'internal'
  | 'rekey_error';

type MakeError = new (code: ErrorCode, message: string, options?: ErrorOptions) => PqError;

/** Each code: by who is at fault, and what the peer is told if it happens to a connection. */
const CODES = {
  PQ_ERR_DECODE: [MalformedError, 'decode_error'],
  PQ_ERR_TRUNCATED: [MalformedError, undefined],

  PQ_ERR_AUTH_FAILED: [MisbehavedError, 'auth_failed'],
  PQ_ERR_BAD_RECORD: [MisbehavedError, 'bad_record'],
  PQ_ERR_FLOOD: [MisbehavedError, 'limit_exceeded'],
  PQ_ERR_REKEY: [MisbehavedError, 'rekey_error'],
  PQ_ERR_TICKET: [MisbehavedError, 'ticket_rejected'],
  PQ_ERR_UNEXPECTED_MESSAGE: [MisbehavedError, 'unexpected_message'],

  PQ_ERR_NO_COMMON_SUITE: [IncompatibleError, 'no_common_suite'],
  PQ_ERR_NO_COMMON_VERSION: [IncompatibleError, 'no_common_version'],

  PQ_ERR_UNTRUSTED: [UntrustedError, 'auth_failed'],
  PQ_ERR_OWN_KEY: [UntrustedError, 'auth_failed'],

  PQ_ERR_INVALID_ARGUMENT: [MisuseError, 'internal'],
  PQ_ERR_INVALID_LENGTH: [MisuseError, 'internal'],
  PQ_ERR_INVALID_OPTION: [MisuseError, 'internal'],
  PQ_ERR_INVALID_PUBLIC_KEY: [MisuseError, 'internal'],
  PQ_ERR_INVALID_SECRET_KEY: [MisuseError, 'internal'],
  PQ_ERR_KEY_FORMAT: [MisuseError, 'internal'],
  PQ_ERR_PASSPHRASE_NEEDED: [MisuseError, 'internal'],
  PQ_ERR_PASSPHRASE_WRONG: [MisuseError, 'internal'],
  PQ_ERR_CONTEXT_UNSUPPORTED: [MisuseError, 'internal'],
  PQ_ERR_DETACHED_BUFFER: [MisuseError, 'internal'],
  PQ_ERR_NOT_CONNECTED: [MisuseError, 'internal'],
  PQ_ERR_SHARED_BUFFER: [MisuseError, 'internal'],
  PQ_ERR_SECRET_DISPOSED: [MisuseError, 'internal'],
  PQ_ERR_SECRET_EXPOSED: [MisuseError, 'internal'],
  PQ_ERR_UNKNOWN_ALGORITHM: [MisuseError, 'internal'],

  PQ_ERR_ADDON: [LocalError, 'internal'],
  PQ_ERR_BUSY: [LocalError, 'busy'],
  PQ_ERR_KEY_FILE: [LocalError, 'internal'],
  PQ_ERR_KEY_FILE_EXISTS: [LocalError, 'internal'],
  PQ_ERR_LIMIT_EXCEEDED: [LocalError, 'limit_exceeded'],
  PQ_ERR_NATIVE: [LocalError, 'internal'],
  PQ_ERR_OUT_OF_MEMORY: [LocalError, 'internal'],
  PQ_ERR_QUEUE_FULL: [LocalError, 'busy'],
  PQ_ERR_TIMEOUT: [LocalError, 'timeout'],
  PQ_ERR_TRUST_FILE: [LocalError, 'internal'],

  PQ_ERR_ALERT: [PqError, undefined],
} as const satisfies Record<string, readonly [unknown, AlertName | undefined]>;

/** The codes of our errors, which stay the same from version to version; docs/ERRORS.md has a heading for each. */
export type ErrorCode = keyof typeof CODES;

/** All codes, for whoever documents or maps them. */
export const errorCodes = Object.keys(CODES) as readonly ErrorCode[];

/** Makes the error of the class that belongs to the code. The message names the object and the remedy, no secret. */
export function pqError(code: Exclude<ErrorCode, 'PQ_ERR_ALERT'>, message: string, options?: ErrorOptions): PqError {
  const make: MakeError = CODES[code][0];
  return new make(code, message, options);
}

/** What a caller has handed over, for a message: text in quotes; of anything else, which may have no text, its type. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : `a value of type ${typeof value}`;
}

/**
 * What the peer is told when a connection ends with this error; undefined if there is nobody to tell. What is no error
 * of ours is the application's way to end the connection.
 */
export function alertOf(error: unknown): AlertName | undefined {
  return error instanceof PqError ? CODES[error.code][1] : 'close_by_user';
}
