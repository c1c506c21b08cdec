// @ts-check
/** The command line of the soak. */
import { parseArgs } from 'node:util';

/** Minutes for which the churn lasts, unless said otherwise: all of it takes about fifteen then. */
const MINUTES = 7;

/** @param {readonly string[]} names */
export const usage = (names) => `usage: npm run soak -- [options]

Attacks servers and clients in processes of their own, and opens and closes
connections for minutes; sends 1 GiB each way at once through a tunnel, with
checksums. Prints figures, and fails when a bound is violated.

  --scenario NAME  only this one of ${names.join(', ')}
  --minutes N      how long the churn lasts (default ${MINUTES})
  --short          fewer and quicker: as npm test has it
  --built          dist/ and the addon are as they should be: don't build them
  --help           this text

examples:
  npm run soak
  npm run soak -- --scenario half-open
  npm run soak -- --scenario tunnel
  npm run soak -- --scenario churn --minutes 60
`;

/**
 * @typedef {object} Options
 * @property {string | undefined} scenario
 * @property {number} minutes
 * @property {boolean} short
 * @property {boolean} built
 * @property {boolean} help
 */

/**
 * @param {string[]} args
 * @param {readonly string[]} names of scenarios
 * @returns {Options}
 * @throws {Error} with a text for the user, if an option is wrong
 */
export function parseOptions(args, names) {
  const { values } = parseArgs({
    args,
    options: {
      scenario: { type: 'string' },
      minutes: { type: 'string', default: String(MINUTES) },
      short: { type: 'boolean', default: false },
      built: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.1 && minutes <= 10_000))
    throw new Error(`--minutes ${values.minutes}: a number from 0.1 to 10000`);
  if (values.scenario !== undefined && !names.includes(values.scenario)) {
    throw new Error(`--scenario ${values.scenario}: there are ${names.join(', ')}`);
  }
  return { ...values, minutes, scenario: values.scenario };
}
