// @ts-check
/** The command line of the benchmark. */
import { parseArgs } from 'node:util';

export const USAGE = `usage: npm run bench -- [options]

Times the primitives: the addon, inline and off the event loop, against liboqs
in C and against pure JavaScript, in one run and by turns.

  --seconds N    how long to measure (default 75)
  --filter TEXT  only operations with TEXT in "algorithm operation"
  --json FILE    write all figures to FILE as well
  --breakdown    where the time of a KEM call goes that liboqs doesn't use
  --help         this text

examples:
  npm run bench
  npm run bench -- --filter 'ml-dsa-87 sign' --seconds 20
  npm run bench -- --filter kyber --json kyber.json
  npm run bench -- --breakdown --seconds 30
`;

/**
 * @typedef {object} Options
 * @property {number} seconds
 * @property {string} filter
 * @property {string | undefined} json
 * @property {boolean} breakdown
 * @property {boolean} help
 */

/**
 * @param {string[]} args
 * @returns {Options}
 * @throws {Error} with a text for the user, if an option is wrong
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '75' },
      filter: { type: 'string', default: '' },
      json: { type: 'string' },
      breakdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 3600)) throw new Error(`--seconds ${values.seconds}: a number from 1 to 3600`);
  return { ...values, seconds, json: values.json };
}
