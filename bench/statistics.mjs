// @ts-check
/** What a series of measurements comes to: its median, and how far it spreads. */

/**
 * @typedef {object} Summary all in the unit of the values
 * @property {number} median
 * @property {number} q1 a quarter of the values is less
 * @property {number} q3 a quarter of the values is more
 * @property {number} rounds how many values
 * @property {number} calls how many operations in all of them
 */

/**
 * @param {number[]} values at least one
 * @param {number} calls
 * @returns {Summary}
 */
export function summarize(values, calls) {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    rounds: values.length,
    calls,
  };
}

/**
 * Half of the interquartile range, in percent of the median.
 *
 * @param {Summary} summary
 */
export function spread({ median, q1, q3 }) {
  return (50 * (q3 - q1)) / median;
}

/**
 * The standard error of the median, as of a normal distribution with these quartiles. Of one value it is unknown.
 *
 * @param {Summary} summary
 */
export function errorOfMedian({ q1, q3, rounds }) {
  if (rounds < 2) return Number.POSITIVE_INFINITY;
  return (1.253 * (q3 - q1)) / 1.349 / Math.sqrt(rounds);
}

/**
 * @param {number[]} sorted
 * @param {number} q from 0 to 1; between two values it is interpolated
 */
export function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * The slope of the line that fits best: how much `y` grows when `x` grows by one.
 *
 * @param {[x: number, y: number][]} points
 */
export function slope(points) {
  const mean = (/** @type {number[]} */ of) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = mean(points.map(([x, y]) => (x - mx) * (y - my)));
  return covariance / mean(points.map(([x]) => (x - mx) ** 2));
}
