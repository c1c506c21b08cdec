/**
 * The lines of known_hosts: `name or host[:port] fingerprint [# comment]`. A line without a port is for all ports of
 * its host for which there is no line of their own. Several lines of one host are several keys that it may show.
 */

import { formatHost, type HostAndPort, parseHost } from './host.js';
import { fingerprintIn, formatComment, trustFileError, trustLines } from './trust-lines.js';

export interface KnownHost extends HostAndPort {
  readonly fingerprint: string;
  /** Empty if there is none. */
  readonly comment: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * @param file the name, for errors
 * @throws PQ_ERR_TRUST_FILE
 */
export function parseKnownHosts(bytes: Uint8Array, file: string): readonly KnownHost[] {
  const seen = new Map<string, number>();
  return trustLines(bytes, file).map(({ number: line, words, comment }) => {
    const [name = '', word, ...more] = words;
    const place = parseHost(name);
    if (place === undefined) {
      throw trustFileError(file, line, `${JSON.stringify(name)} is no host: write name, name:port or [IPv6]:port`);
    }
    const fingerprint = fingerprintIn(file, line, word);
    if (more.length > 0)
      throw trustFileError(file, line, 'there is more than a host and a fingerprint: comments begin with #');
    const entry = `${formatHost(place)} ${fingerprint}`;
    const before = seen.get(entry);
    if (before !== undefined) throw trustFileError(file, line, `line ${before} says the same: remove one of the two`);
    seen.set(entry, line);
    return { ...place, fingerprint, comment, line };
  });
}

/** The line of an entry, without its end. */
export function formatKnownHost(entry: Omit<KnownHost, 'line'>): string {
  return `${formatHost(entry)} ${entry.fingerprint}${formatComment(entry.comment)}`;
}

/** Those that count for a place: of its port, or if there are none, of its host. */
export function knownHostsOf(hosts: readonly KnownHost[], { host, port }: HostAndPort): readonly KnownHost[] {
  const ofHost = hosts.filter((entry) => entry.host === host);
  const ofPort = ofHost.filter((entry) => entry.port === port);
  return ofPort.length > 0 ? ofPort : ofHost.filter((entry) => entry.port === undefined);
}
