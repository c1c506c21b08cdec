/** A server's policy: the keys of the clients that may connect, as a file has them. */
import type { SigName } from '../crypto/suites.js';
import { pqError, quoted } from '../errors.js';
import { checkNames } from '../option-names.js';
import {
  type AuthorizedKey,
  type AuthorizedLine,
  formatAuthorizedKey,
  isTunnelName,
  parseAuthorizedKeys,
} from './authorized-key.js';
import { type Answer, algorithmsOf, type Candidate, type TrustPolicy } from './policy.js';
import { TrustFile } from './trust-file.js';

/** How the file is read. */
export interface AuthorizedKeysOptions {
  /** The tunnel that the policy is for: keys that may use others only are refused. Without it, all that name tunnels. */
  readonly tunnel?: string | undefined;
  /** Called once when the file can't be used any more, so that nobody is accepted. */
  readonly onBroken?: ((error: Error) => void) | undefined;
  /** Milliseconds since 1970, for keys that expire; `Date.now` unless said otherwise. */
  readonly now?: (() => number) | undefined;
}

export interface AuthorizedKeysFile extends TrustPolicy {
  /**
   * Whether an open connection's peer would be accepted today: it is in the file, which is looked at, and its time
   * has not come. While the file can't be used, what it said before counts: a mistake in it ends no connection.
   */
  isStillTrusted(peer: { readonly fingerprint: string }): boolean;
  /** What the file says about a key, for logs; undefined if nothing. @throws PQ_ERR_TRUST_FILE */
  get(fingerprint: string): AuthorizedKey | undefined;
  /**
   * Adds a line, or replaces that of the same fingerprint.
   *
   * @throws PQ_ERR_TRUST_FILE; PQ_ERR_INVALID_OPTION, PQ_ERR_INVALID_ARGUMENT for what can't be written
   */
  add(key: AuthorizedKey): Promise<void>;
  /**
   * Removes the line of a key. Connections that it has open stay: see `isStillTrusted`.
   *
   * @returns whether there was one
   * @throws PQ_ERR_TRUST_FILE
   */
  remove(fingerprint: string): Promise<boolean>;
}

/**
 * Accepts clients by a file with lines of `fingerprint [expires=TIME] [tunnels=NAME,NAME…] [# comment]`. It is looked at
 * for each connection: a change counts for the next one. A file that can't be used, or isn't there, accepts nobody. The
 * path is relative to the working directory of this moment.
 *
 * @throws PQ_ERR_INVALID_OPTION, PQ_ERR_TRUST_FILE, errors of the system
 */
export function authorizedKeysFile(path: string, options: AuthorizedKeysOptions = {}): AuthorizedKeysFile {
  checkNames(options, ['tunnel', 'onBroken', 'now']);
  const { tunnel, onBroken, now = Date.now } = options;
  if (tunnel !== undefined && !isTunnelName(tunnel)) {
    throw pqError('PQ_ERR_INVALID_OPTION', `tunnel is ${quoted(tunnel)}: names have letters, digits, dots, _ and -`);
  }
  if (typeof now !== 'function') throw pqError('PQ_ERR_INVALID_OPTION', 'now must be a function');
  const file = new TrustFile<Keys>(path, { parse: parseAuthorizedKeys, missing: 'an error' }, onBroken);

  const objection = (key: AuthorizedLine | undefined): string | undefined => {
    if (key === undefined) return `${file.path} does not have it`;
    const line = `line ${key.line} of ${file.path}`;
    // Not `<`: of a clock that says nothing sensible no key is in time.
    if (key.expires !== undefined && !(now() < key.expires.getTime())) {
      return `${line} says that it has expired, at ${key.expires.toISOString()}`;
    }
    if (key.tunnels === undefined || (tunnel !== undefined && key.tunnels.includes(tunnel))) return undefined;
    return `${line} lets it use ${key.tunnels.join(', ')}, not ${tunnel ?? 'what is no tunnel'}`;
  };

  const answer = ({ fingerprint }: Candidate): Answer => {
    const reason = objection(file.read().get(fingerprint));
    return reason === undefined ? true : pqError('PQ_ERR_UNTRUSTED', reason);
  };
  const isTrusted = (fingerprint: string) => objection(file.readOrLast().get(fingerprint)) === undefined;
  return Object.assign(answer, {
    knows: isTrusted,
    algorithms: (): ReadonlySet<SigName> => algorithmsOf(file.readOrLast().keys()),
    isStillTrusted: ({ fingerprint }: { readonly fingerprint: string }) => isTrusted(fingerprint),
    get: (fingerprint: string) => file.read().get(fingerprint),
    add: async (key: AuthorizedKey) => {
      const line = formatAuthorizedKey(key);
      await file.update((text, keys) => withLine(text, keys.get(key.fingerprint), line));
    },
    remove: async (fingerprint: string) => {
      let found = false;
      await file.update((text, keys) => {
        const key = keys.get(fingerprint);
        found = key !== undefined;
        return found ? withLine(text, key, undefined) : text;
      });
      return found;
    },
  });
}

type Keys = ReadonlyMap<string, AuthorizedLine>;

/** The text with a line in the place of another; all others stay as they are. */
function withLine(text: string, before: AuthorizedLine | undefined, line: string | undefined): string {
  const lines = text.split('\n'); // behind the last line end there is an empty text
  const [at, count] = before === undefined ? [lines.length - 1, 0] : [before.line - 1, 1];
  lines.splice(at, count, ...(line === undefined ? [] : [line]));
  return lines.join('\n');
}
