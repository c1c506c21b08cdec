// @ts-check
/** What is expected of the addon. The tables say whether it is so; nothing fails if it isn't. */
import { errorOfMedian } from '../statistics.mjs';

/**
 * @typedef {import('./rounds.mjs').Result} Result
 * @typedef {{ target: string, verdict: 'met' | 'NOT MET' | 'unclear' }} Expectation `unclear`: nearer than the errors
 * @typedef {{ kind: 'kem' | 'sig', operation: string }} Operation
 */

const SIG_RATIO = 1.05;
const KEM_MICROSECONDS = { keypair: 4, other: 2 };
const FASTER_THAN_NOBLE = { kem: 30, sig: 50 };

/**
 * Inline against liboqs in C.
 *
 * @param {Operation} operation
 * @param {Result} addon
 * @param {Result} liboqs
 * @returns {Expectation}
 */
export function againstLiboqs({ kind, operation }, addon, liboqs) {
  if (kind === 'sig')
    return { target: '≤ 1.05 × C', verdict: verdict(addon, { of: liboqs, times: SIG_RATIO, plus: 0 }) };
  const plus = operation === 'keypair' ? KEM_MICROSECONDS.keypair : KEM_MICROSECONDS.other;
  return { target: `≤ C + ${plus} µs`, verdict: verdict(addon, { of: liboqs, times: 1, plus }) };
}

/**
 * Inline against noble.
 *
 * @param {Operation} operation
 * @param {Result} addon
 * @param {Result} noble
 * @returns {Expectation}
 */
export function againstNoble({ kind }, addon, noble) {
  const times = FASTER_THAN_NOBLE[kind];
  return { target: `≥ ${times} ×`, verdict: verdict(addon, { of: noble, times: 1 / times, plus: 0 }) };
}

/**
 * Whether one median is below another, times something, plus some µs; with two standard errors between them.
 *
 * @param {Result} addon
 * @param {{ of: Result, times: number, plus: number }} limit
 * @returns {Expectation['verdict']}
 */
function verdict(addon, { of, times, plus }) {
  const below = of.median * times + plus - addon.median;
  const error = Math.hypot(errorOfMedian(addon), errorOfMedian(of) * times);
  if (Math.abs(below) < 2 * error) return 'unclear';
  return below > 0 ? 'met' : 'NOT MET';
}
