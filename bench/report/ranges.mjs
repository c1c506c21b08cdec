// @ts-check
/** Distributions on a logarithmic axis: from the 10th to the 90th percentile a bar, then a line to the 99th. */
import { markup } from './markup.mjs';
import { decades, formatNumber, logarithmic, widthOf } from './scales.mjs';

/** @typedef {{ title: string, kind: string, p10: number, p50: number, p90: number, p99: number }} Range */

const WIDTH = 760;
const RIGHT = 44;
const ROW = 44;
const AXIS = 26;

/** Pixels that the figures above a bar take. */
const TEXT = 160;

/**
 * @param {Range[]} ranges
 * @param {{ unit: string, label: string }} options
 */
export function plotRanges(ranges, { unit, label }) {
  const ticks = decades(ranges.flatMap(({ p10, p99 }) => [p10, p99]));
  const [least = 1, most = 10] = [ticks[0], ticks.at(-1)];
  const left = widthOf(ranges.map(({ title }) => title));
  const scale = logarithmic([least, most], [left, WIDTH - RIGHT]);
  const bottom = ranges.length * ROW;
  return markup`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-label="${label}">
${ticks.map((tick) => markup`<path class="grid" d="M${scale(tick).toFixed(1)} 0V${bottom}"/><text class="tick" x="${scale(tick).toFixed(1)}" y="${bottom + 17}">${formatNumber(tick)} ${unit}</text>`)}
${ranges.map((range, i) => plotRange(range, { left, middle: i * ROW + ROW / 2, scale }))}</svg>`;
}

/**
 * @param {Range} range
 * @param {{ left: number, middle: number, scale: import('./scales.mjs').Scale }} place
 */
function plotRange({ title, kind, p10, p50, p90, p99 }, { left, middle, scale }) {
  const at = (/** @type {number} */ value) => scale(value).toFixed(1);
  const text = `p50 ${formatNumber(p50)}, p99 ${formatNumber(p99)}`;
  const isFar = scale(p10) > WIDTH - RIGHT - TEXT;
  return markup`<g class="${kind}"><title>${title}: p10 ${formatNumber(p10)}, ${text}</title>
<text class="name" x="${left - 10}" y="${middle + 8}">${title}</text>
<rect x="${at(p10)}" y="${middle - 2}" width="${Math.max(scale(p90) - scale(p10), 2).toFixed(1)}" height="13" rx="3"/>
<path class="tail" d="M${at(p90)} ${middle + 4.5}H${at(p99)}M${at(p99)} ${middle - 2}v13"/>
<path class="middle" d="M${at(p50)} ${middle - 4}v17"/>
<text class="small${isFar ? ' end' : ''}" x="${at(isFar ? p99 : p10)}" y="${middle - 8}">${text}</text></g>
`;
}
