/** The option `identity`, in either profile. */
import { Identity } from '../keys/identity.js';
import type { Profile } from '../keys/profile.js';
import { invalid } from './option-checks.js';

/**
 * An identity that can sign in a profile, and is ready to.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function usableIdentity<P extends Profile>(identity: unknown, profile: P): Identity<P> {
  if (!(identity instanceof Identity)) throw invalid('identity must be an Identity: see Identity.generate');
  if (identity.profile !== profile) {
    throw invalid(`the identity ${identity.fingerprint} is for the profile ${identity.profile}, not ${profile}`);
  }
  if (Identity.secretKeyOf(identity).disposed) throw invalid(`the identity ${identity.fingerprint} was disposed of`);
  Identity.prepare(identity);
  return identity as Identity<P>;
}
