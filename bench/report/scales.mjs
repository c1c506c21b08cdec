// @ts-check
/** From values to places in a plot, and to text. */

/** @typedef {(value: number) => number} Scale from a value to a place */

/**
 * @param {[least: number, most: number]} values
 * @param {[from: number, to: number]} places
 * @returns {Scale}
 */
export function linear([least, most], [from, to]) {
  return (value) => from + ((value - least) / (most - least || 1)) * (to - from);
}

/**
 * @param {[least: number, most: number]} values all above 0
 * @param {[from: number, to: number]} places
 * @returns {Scale}
 */
export function logarithmic([least, most], places) {
  const scale = linear([Math.log(least), Math.log(most)], places);
  return (value) => scale(Math.log(value));
}

/**
 * The powers of ten from below the least value to above the greatest.
 *
 * @param {number[]} values all above 0
 */
export function decades(values) {
  const [first, last] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, i) => 10 ** (first + i));
}

/**
 * Three figures that count, and no power of ten.
 *
 * @param {number} value
 */
export function formatNumber(value) {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 6) });
}

/** Pixels of a letter, on the average and in bold. */
const LETTER = 7.6;

/**
 * The pixels that names take which stand before a plot.
 *
 * @param {string[]} names
 */
export function widthOf(names) {
  return Math.ceil(Math.max(...names.map((name) => name.length)) * LETTER) + 16;
}
