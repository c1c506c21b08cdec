/** Whom a command trusts, by its options. */
import { anyOf, pinned, type TrustPolicy } from '../index.js';
import { CliError, EXIT_CODES } from './report.js';

export interface TrustChoices {
  /** Fingerprints. */
  readonly trust?: readonly string[] | undefined;
}

/**
 * @param role of our side: a client knows servers by name, a server its clients by their keys
 * @throws CliError if there is nobody; PqError for what is no fingerprint
 */
export function trustOf(role: 'server' | 'client', _name: string, { trust }: TrustChoices): TrustPolicy {
  const policies = [...(trust === undefined ? [] : [pinned(...trust)])];
  const [only, ...others] = policies;
  if (only === undefined) {
    const hint = role === 'server' ? '--trust, for each client' : '--trust, with the server’s fingerprint';
    throw new CliError('nobody is trusted', `say whom to trust: ${hint}`, EXIT_CODES.usage);
  }
  return others.length === 0 ? only : anyOf(...policies);
}
