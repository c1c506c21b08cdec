/**
 * The lines of authorized_keys: `fingerprint [expires=TIME] [tunnels=NAME,NAME…] [# comment]`. What is not known is an
 * error, not a comment: a misspelt `expires` would let somebody in for ever.
 */
import { pqError } from '../errors.js';
import { parseFingerprint } from '../keys/fingerprint.js';
import { fingerprintIn, formatComment, trustFileError, trustLines } from './trust-lines.js';

/** A key that is trusted, and how far. */
export interface AuthorizedKey {
  readonly fingerprint: string;
  /** From then on it is no longer accepted. */
  readonly expires?: Date | undefined;
  /** The tunnels that it may use; undefined for all, and for what is no tunnel. */
  readonly tunnels?: readonly string[] | undefined;
  /** Whose it is, for people. */
  readonly comment?: string | undefined;
}

/** One that a file has. */
export interface AuthorizedLine extends AuthorizedKey {
  readonly comment: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * @param file the name, for errors
 * @returns by fingerprint
 * @throws PQ_ERR_TRUST_FILE
 */
export function parseAuthorizedKeys(bytes: Uint8Array, file: string): ReadonlyMap<string, AuthorizedLine> {
  const keys = new Map<string, AuthorizedLine>();
  for (const { number: line, words, comment } of trustLines(bytes, file)) {
    const fingerprint = fingerprintIn(file, line, words[0]);
    const before = keys.get(fingerprint);
    if (before !== undefined) {
      throw trustFileError(file, line, `line ${before.line} has the same fingerprint: remove one of the two`);
    }
    const options = parseOptions(words.slice(1), (what) => trustFileError(file, line, what));
    keys.set(fingerprint, { fingerprint, ...options, comment, line });
  }
  return keys;
}

/**
 * The line of an entry, without its end. Fractions of a second are cut off.
 *
 * @throws PQ_ERR_INVALID_OPTION, PQ_ERR_INVALID_ARGUMENT for what can't be written
 */
export function formatAuthorizedKey({ fingerprint, expires, tunnels, comment = '' }: AuthorizedKey): string {
  const words = [parseFingerprint(fingerprint)];
  if (expires !== undefined) words.push(`expires=${formatTime(expires)}`);
  if (tunnels !== undefined) words.push(`tunnels=${checkTunnels(tunnels, unwritable).join(',')}`);
  return words.join(' ') + formatComment(comment);
}

/** Whether a text can be the name of a tunnel: up to 64 letters, digits, `.`, `_` and `-`, no dot or dash in front. */
export function isTunnelName(text: unknown): text is string {
  return typeof text === 'string' && /^\w[\w.-]{0,63}$/.test(text);
}

type Fail = (what: string) => Error;

function parseOptions(words: readonly string[], fail: Fail): Pick<AuthorizedKey, 'expires' | 'tunnels'> {
  const options = new Map<string, string>();
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
    if (name !== 'expires' && name !== 'tunnels') {
      throw fail(`${JSON.stringify(word)} is no option: there are expires= and tunnels=, and comments begin with #`);
    }
    if (options.has(name)) throw fail(`${name}= is there twice: remove one of the two`);
    options.set(name, value);
  }
  const [expires, tunnels] = [options.get('expires'), options.get('tunnels')];
  return {
    ...(expires !== undefined && { expires: parseTime(expires, fail) }),
    ...(tunnels !== undefined && { tunnels: checkTunnels(tunnels.split(','), fail) }),
  };
}

/** A date is its first moment. JavaScript would take the 30th of February for a day of March. */
function parseTime(text: string, fail: Fail): Date {
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.replace(/Z$/, ''))) return time;
  throw fail(`${JSON.stringify(text)} is no date: write 2027-01-31 or 2027-01-31T18:00Z, in UTC`);
}

function formatTime(time: Date): string {
  const text = time instanceof Date && !Number.isNaN(time.getTime()) ? time.toISOString() : '';
  if (!/^\d{4}-/.test(text)) throw unwritable('expires must be a Date before the year 10000');
  return `${text.slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`;
}

function checkTunnels(names: readonly string[], fail: Fail): readonly string[] {
  const wrong = names.length === 0 ? '' : names.find((name) => !isTunnelName(name));
  if (wrong !== undefined) throw fail(`${JSON.stringify(wrong)} is no name of a tunnel: write tunnels=db,queue`);
  if (new Set(names).size < names.length) throw fail('tunnels= has a name twice: remove one of the two');
  return names;
}

function unwritable(what: string): Error {
  return pqError('PQ_ERR_INVALID_ARGUMENT', what);
}

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/;
