/** Whom a command trusts, by its options. */
import { anyOf, authorizedKeysFile, knownHosts, pinned, type TrustPolicy } from '../index.js';
import { CliError, EXIT_CODES } from './report.js';

export interface TrustChoices {
  /** Fingerprints. */
  readonly trust?: readonly string[] | undefined;
  /** A client's: files with servers by their names. */
  readonly 'known-hosts'?: string | undefined;
  readonly 'known-as'?: string | undefined;
  readonly 'trust-on-first-use'?: boolean | undefined;
  /** A server's: a file with clients. */
  readonly 'authorized-keys'?: string | undefined;
  readonly 'disconnect-removed'?: boolean | undefined;
}

export interface ChosenTrust {
  readonly policy: TrustPolicy;
  /** Whether a peer would be accepted today; absent if nobody wants to know. */
  readonly isStillTrusted: ((peer: { readonly fingerprint: string }) => boolean) | undefined;
}

/**
 * @param side our role, and, for the keys that may use some tunnels only, what it is called
 * @param onBroken told of a file that can't be used any more, so that nobody is accepted
 * @throws CliError if there is nobody, or a choice is the other role's; PqError for what is wrong in a file
 */
export function trustOf(
  side: { readonly role: 'server' | 'client'; readonly tunnel: string },
  choices: TrustChoices,
  onBroken: (error: Error) => void,
): ChosenTrust {
  for (const name of OTHERS[side.role]) {
    if (choices[name] === undefined) continue;
    throw new CliError(`${name} is not for a ${side.role}`, ADVICE[side.role], EXIT_CODES.usage);
  }
  const { trust, 'known-hosts': hosts, 'known-as': name, 'authorized-keys': keys } = choices;
  const onFirstUse = choices['trust-on-first-use'] === true ? 'accept' : 'refuse';
  const file = keys === undefined ? undefined : authorizedKeysFile(keys, { tunnel: side.tunnel, onBroken });
  const policies = [
    ...(trust === undefined ? [] : [pinned(...trust)]),
    ...(hosts === undefined ? [] : [knownHosts(hosts, { name, onFirstUse, onBroken })]),
    ...(file === undefined ? [] : [file]),
  ];
  const [only] = policies;
  if (only === undefined) throw new CliError('nobody is trusted', ADVICE[side.role], EXIT_CODES.usage);
  for (const [needing, needed] of NEEDED) {
    if (choices[needing] === undefined || choices[needed] !== undefined) continue;
    throw new CliError(`${needing} needs ${needed}`, `name the file: ${needed}`, EXIT_CODES.usage);
  }
  return {
    policy: policies.length === 1 ? only : anyOf(...policies),
    isStillTrusted:
      choices['disconnect-removed'] === true
        ? (peer) => trust?.includes(peer.fingerprint) === true || file?.isStillTrusted(peer) === true
        : undefined,
  };
}

const OTHERS = {
  server: ['known-hosts', 'known-as', 'trust-on-first-use'],
  client: ['authorized-keys', 'disconnect-removed'],
} as const;

const NEEDED = [
  ['known-as', 'known-hosts'],
  ['trust-on-first-use', 'known-hosts'],
  ['disconnect-removed', 'authorized-keys'],
] as const;

const ADVICE = {
  server: 'a server trusts clients: authorized-keys, a file with their fingerprints, or trust with each of them',
  client: 'a client trusts servers: known-hosts, a file with their names and fingerprints, or trust with one of them',
};
