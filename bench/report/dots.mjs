// @ts-check
/** A row of dots for each operation, on a logarithmic axis that all share. */
import { markup } from './markup.mjs';
import { decades, formatNumber, logarithmic } from './scales.mjs';

/** @typedef {{ title: string, dots: { title: string, kind: string, value: number }[] }} Row */

const WIDTH = 760;
const LABELS = 190;
const RIGHT = 44;
const ROW = 27;
const AXIS = 26;

/**
 * @param {Row[]} rows
 * @param {{ unit: string, label: string, kinds: Record<string, string> }} options `kinds`: the legend, by class
 */
export function plotDots(rows, { unit, label, kinds }) {
  const ticks = decades(rows.flatMap(({ dots }) => dots.map(({ value }) => value)));
  const scale = logarithmic([ticks[0] ?? 1, ticks.at(-1) ?? 10], [LABELS, WIDTH - RIGHT]);
  const bottom = rows.length * ROW;
  const shown = Object.entries(kinds).filter(([kind]) =>
    rows.some(({ dots }) => dots.some((dot) => dot.kind === kind)),
  );
  return markup`<p class="legend">${shown.map(([kind, title]) => markup`<span><i class="${kind}"></i>${title}</span> `)}</p>
<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-label="${label}">
${ticks.map((tick) => markup`<path class="grid" d="M${scale(tick).toFixed(1)} 0V${bottom}"/><text class="tick" x="${scale(tick).toFixed(1)}" y="${bottom + 17}">${formatNumber(tick)} ${unit}</text>`)}
${rows.map((row, i) => plotRow(row, i * ROW + ROW / 2, { scale, unit }))}</svg>`;
}

/**
 * @param {Row} row
 * @param {number} middle
 * @param {{ scale: import('./scales.mjs').Scale, unit: string }} axis
 */
function plotRow({ title, dots }, middle, { scale, unit }) {
  const places = dots.map(({ value }) => scale(value));
  const line = markup`<path class="span" d="M${Math.min(...places).toFixed(1)} ${middle}H${Math.max(...places).toFixed(1)}"/>`;
  const marks = dots.map(
    ({ title: who, kind, value }) =>
      markup`<circle class="${kind}" cx="${scale(value).toFixed(1)}" cy="${middle}" r="6"><title>${who}, ${title}: ${formatNumber(value)} ${unit}</title></circle>`,
  );
  return markup`<text class="name" x="${LABELS - 14}" y="${middle + 4}">${title}</text>${line}${marks}
`;
}
