/** Which secrets a piece of work makes, so that a test can ask which of them are left. */
import { Secret } from '../../lib/oqs.js';

/** All secrets that come to be while the work runs, disposed of or not; the parts of one in its place. */
export function secretsMade(work: () => void): Secret[] {
  const { allocate, divide, from } = Secret;
  const made: Secret[] = [];
  const noted = (secret: Secret) => {
    made.push(secret);
    return secret;
  };
  Secret.allocate = (length) => noted(allocate.call(Secret, length));
  Secret.from = (bytes) => noted(from.call(Secret, bytes));
  Secret.divide = (whole, lengths) => {
    const parts = divide.call(Secret, whole, lengths);
    made.splice(made.indexOf(whole), made.includes(whole) ? 1 : 0, ...parts);
    return parts;
  };
  try {
    work();
  } finally {
    Object.assign(Secret, { allocate, divide, from });
  }
  return made;
}

/** The lengths of those that are not wiped, the shortest first. */
export function lengthsAlive(secrets: readonly Secret[]): number[] {
  const alive = secrets.filter(({ disposed }) => !disposed);
  return alive.map(({ length }) => length).sort((a, b) => a - b);
}
