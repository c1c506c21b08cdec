/** Names of options: what is misspelt would have no effect. */
import { pqError } from './errors.js';

/**
 * @param what the kind of option, for the message
 * @throws PQ_ERR_INVALID_OPTION for a name that is unknown, and for what is no object
 */
export function checkNames(options: object, names: readonly string[], what = 'option'): void {
  if (typeof options !== 'object' || options === null) {
    throw pqError('PQ_ERR_INVALID_OPTION', `${what}s must be an object`);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw pqError('PQ_ERR_INVALID_OPTION', `unknown ${what} ${name}: there are ${names.join(', ')}`);
  }
}
