// @ts-check
/** Bars beside each other, each with its name before and its value behind it. */
import { markup } from './markup.mjs';
import { formatNumber, linear, widthOf } from './scales.mjs';

/**
 * @typedef {object} Bar
 * @property {string} title
 * @property {string} kind the class that gives it its colour
 * @property {number} value not below 0
 * @property {[low: number, high: number]} [spread]
 */

const WIDTH = 760;
const VALUES = 96;
const ROW = 30;
const THICKNESS = 18;

/** A bar that is so many times longer than the median is cut, and looks it. */
const CUT = 4;

/**
 * @param {Bar[]} bars
 * @param {{ unit: string, label: string }} options `label` for who can't see it
 */
export function plotBars(bars, { unit, label }) {
  const sorted = bars.map(({ value }) => value).toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const most = Math.max(...sorted.filter((value) => value <= median * CUT), Number.MIN_VALUE);
  const left = widthOf(bars.map(({ title }) => title));
  const scale = linear([0, most], [left, WIDTH - VALUES]);
  const height = bars.length * ROW + 4;
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
${bars.map((bar, i) => plotBar(bar, { top: i * ROW, most, scale, unit }))}</svg>`;
}

/**
 * @param {Bar} bar
 * @param {{ top: number, most: number, scale: import('./scales.mjs').Scale, unit: string }} place
 */
function plotBar({ title, kind, value, spread }, { top, most, scale, unit }) {
  const isCut = value > most;
  const [left, middle] = [scale(0), top + ROW / 2];
  const end = isCut ? WIDTH - VALUES : scale(value);
  const [low, high] = (isCut ? undefined : spread)?.map((at) => scale(Math.min(Math.max(at, 0), most))) ?? [end, end];
  const text = `${formatNumber(value)} ${unit}`;
  const gap = markup`<path class="cut" d="M${end - 26} ${top + 3}l-7 ${ROW - 6}h7l7 -${ROW - 6}z"/>`;
  return markup`<g class="${kind}"><title>${title}: ${text}</title>
<text class="name" x="${left - 10}" y="${middle + 4}">${title}</text>
<rect x="${left}" y="${middle - THICKNESS / 2}" width="${Math.max(end - left, 1).toFixed(1)}" height="${THICKNESS}" rx="3"/>
${isCut ? gap : markup`<path class="whisker" d="M${low?.toFixed(1) ?? ''} ${middle}H${high?.toFixed(1) ?? ''}"/>`}
<text class="value" x="${(Math.max(end, high ?? 0) + 8).toFixed(1)}" y="${middle + 4}">${text}</text></g>
`;
}
