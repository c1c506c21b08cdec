/** A client's policy: the keys of the servers that it knows by name, as a file has them. */
import { SIG_ALGORITHMS, type SigName } from '../crypto/suites.js';
import { type PqError, pqError, quoted } from '../errors.js';
import { checkNames } from '../option-names.js';
import { FirstUse } from './first-use.js';
import { canonicalHost, formatHost, type HostAndPort, parseHost } from './host.js';
import { formatKnownHost, type KnownHost, knownHostsOf, parseKnownHosts } from './known-host.js';
import { type Answer, algorithmsOf, type Candidate, type Dialled, type TrustPolicy } from './policy.js';
import { TrustFile } from './trust-file.js';

/** How the file is read, and what happens with a host that it does not have. */
export interface KnownHostsOptions {
  /**
   * What happens with a server that the file does not have: `'refuse'`, which is the default, or `'accept'`: it is
   * trusted, and written into the file once it has proven its key. Whoever is in between at that first time stays
   * unnoticed.
   */
  readonly onFirstUse?: 'refuse' | 'accept' | undefined;
  /** What the file calls the server, `name` or `name:port`, if that is not the host and the port that are dialled. */
  readonly name?: string | undefined;
  /** Called once when the file can't be used any more, so that nobody is accepted. */
  readonly onBroken?: ((error: Error) => void) | undefined;
}

/**
 * Accepts servers by a file with lines of `name or host[:port] fingerprint [# comment]`. It is looked at for each
 * connection: a change counts for the next one. A file that can't be used accepts nobody; one that isn't there has no
 * lines. The path is relative to the working directory of this moment.
 *
 * @throws PQ_ERR_INVALID_OPTION, PQ_ERR_TRUST_FILE, errors of the system
 */
export function knownHosts(path: string, options: KnownHostsOptions = {}): TrustPolicy {
  checkNames(options, ['onFirstUse', 'name', 'onBroken']);
  const { onFirstUse = 'refuse', name, onBroken } = options;
  if (onFirstUse !== 'refuse' && onFirstUse !== 'accept') throw invalid("onFirstUse must be 'refuse' or 'accept'");
  const alias = name === undefined ? undefined : parseHost(name);
  if (name !== undefined && alias === undefined) throw invalid(`name is ${quoted(name)}: write host or host:port`);
  const file = new TrustFile<readonly KnownHost[]>(path, { parse: parseKnownHosts, missing: 'empty' }, onBroken);

  const answer = (candidate: Candidate): Answer => {
    const place = alias ?? placeOf(candidate);
    if (place === undefined) return nameless(candidate.host);
    const known = knownHostsOf(file.read(), place);
    if (known.length > 0) return isKnown(known, place, candidate, file.path);
    if (onFirstUse === 'accept') return new FirstUse(() => learn(file, place, candidate));
    return unknown(place, candidate, file.path);
  };
  const knownAt = (dialled: Dialled): readonly KnownHost[] => {
    const place = alias ?? placeOf(dialled);
    return place === undefined ? [] : knownHostsOf(file.readOrLast(), place);
  };
  // Of a server that we don't know the policy is to be asked, for the sake of what it says then.
  const algorithms = (dialled: Dialled): ReadonlySet<SigName> => {
    const known = knownAt(dialled);
    return known.length > 0 ? algorithmsOf(known.map(({ fingerprint }) => fingerprint)) : EVERY_ALGORITHM;
  };
  const knows = (fingerprint: string, dialled: Dialled): boolean =>
    knownAt(dialled).some((known) => known.fingerprint === fingerprint);
  return Object.assign(answer, { algorithms, knows });
}

/** @throws PQ_ERR_UNTRUSTED if the key is another: that is no reason to ask another policy */
function isKnown(known: readonly KnownHost[], place: HostAndPort, { fingerprint }: Candidate, file: string): true {
  if (known.some((entry) => entry.fingerprint === fingerprint)) return true;
  const lines = known.map((entry) => `${entry.fingerprint} in line ${entry.line}`).join(', ');
  throw pqError(
    'PQ_ERR_UNTRUSTED',
    `the key of ${formatHost(place)} has changed: it shows ${fingerprint}, and ${file} has ${lines}. Somebody may be ` +
      'in between: ask who runs it. If the new key is right, put it in the place of the old one, or remove that line',
  );
}

function unknown(place: HostAndPort, { fingerprint }: Candidate, file: string): PqError {
  const line = formatKnownHost({ ...place, fingerprint, comment: '' });
  return pqError(
    'PQ_ERR_UNTRUSTED',
    `${formatHost(place)} is not in ${file}: if that is its fingerprint, which you must have from elsewhere, add the ` +
      `line "${line}"`,
  );
}

/** Looks again: another connection may have been quicker, and may have met another server. */
async function learn(file: TrustFile<readonly KnownHost[]>, place: HostAndPort, candidate: Candidate): Promise<void> {
  const comment = `first use ${new Date().toISOString()}`;
  await file.update((text, hosts) => {
    const known = knownHostsOf(hosts, place);
    if (known.length > 0 && isKnown(known, place, candidate, file.path)) return text;
    return `${text}${formatKnownHost({ ...place, fingerprint: candidate.fingerprint, comment })}\n`;
  });
}

function placeOf({ host, port }: Dialled): HostAndPort | undefined {
  const canonical = host === undefined ? undefined : canonicalHost(host);
  return canonical === undefined ? undefined : { host: canonical, port };
}

function nameless(host: string | undefined): PqError {
  const what =
    host === undefined ? 'the peer has no name, as we did not dial one' : `${quoted(host)} is no name of a host`;
  return invalid(`${what}: tell knownHosts by its option name what the file calls it`);
}

function invalid(message: string): PqError {
  return pqError('PQ_ERR_INVALID_OPTION', message);
}

const EVERY_ALGORITHM: ReadonlySet<SigName> = new Set(Object.keys(SIG_ALGORITHMS) as SigName[]);
