// @ts-check
/**
 * dudect: whether decapsulation takes another time for invalid ciphertexts than for valid ones. It reports and does
 * not judge: on a busy machine |t| can be above the threshold by chance, and a leak can hide in the noise.
 */
import { CODES, KEMS, PROGRAMS, run } from './programs.mjs';
import { SideChannelError } from './side-channel-error.mjs';

/** Of the paper: above it, the two classes differ. */
const THRESHOLD = 4.5;
const MEASUREMENTS = { short: 20_000, full: 1_000_000, planted: 20_000 };

/**
 * @param {{ short: boolean, say: (line: string) => void }} options
 * @returns {Promise<boolean>} true
 * @throws {SideChannelError} if a leak that was planted is not seen
 */
export async function timing({ short, say }) {
  const measurements = short ? MEASUREMENTS.short : MEASUREMENTS.full;
  say(`the greatest |t| of ${measurements.toLocaleString('en')} decapsulations; above ${THRESHOLD} would be a leak`);
  for (const { name, number } of KEMS) {
    const planted = await measure([number, String(MEASUREMENTS.planted), 'planted'], 'AVX2', {});
    say(`${name} with a planted comparison that ends early: ${planted}`);
    if (planted <= THRESHOLD) throw new SideChannelError('the planted leak is not seen', 'see native/timing.cc');
    for (const { code, variables } of CODES) {
      say(`${name}, ${code} code: ${await measure([number, String(measurements)], code, variables)}`);
    }
  }
  return true;
}

/**
 * @param {string[]} args
 * @param {string} wanted the code that is meant to run
 * @param {Record<string, string>} variables
 * @returns {Promise<number>} |t|
 */
async function measure(args, wanted, variables) {
  const { code: exit, stdout, stderr } = await run(PROGRAMS.timing, args, variables);
  if (exit !== 0)
    throw new SideChannelError(`timing ${args.join(' ')} ended with ${exit}: ${stderr.trim()}`, 'see above');
  const { code, t } = JSON.parse(stdout);
  if (code === wanted) return t;
  throw new SideChannelError(`the ${code} code has run in place of the ${wanted} code`, 'use an x86-64 with AVX2');
}
