// @ts-check
/** Lines over sizes of messages, both axes logarithmic; each ends at its name. */
import { markup } from './markup.mjs';
import { decades, formatNumber, logarithmic } from './scales.mjs';

/** @typedef {{ title: string, kind: string, points: [bytes: number, value: number][] }} Line */

const WIDTH = 760;
const HEIGHT = 280;
const LEFT = 84;
const NAMES = 130;
const TOP = 12;
const AXIS = 30;

/** Pixels that two names are apart at the least. */
const LEADING = 17;

/**
 * @param {Line[]} lines
 * @param {{ unit: string, label: string }} options
 */
export function plotLines(lines, { unit, label }) {
  const points = lines.flatMap((line) => line.points);
  const sizes = [...new Set(points.map(([bytes]) => bytes))].toSorted((a, b) => a - b);
  const ticks = decades(points.map(([, value]) => value));
  const bottom = HEIGHT - AXIS;
  const x = logarithmic([sizes[0] ?? 1, sizes.at(-1) ?? 2], [LEFT + 12, WIDTH - NAMES - 12]);
  const y = logarithmic([ticks[0] ?? 1, ticks.at(-1) ?? 10], [bottom, TOP]);
  const names = apart(lines.map((line) => y(line.points.at(-1)?.[1] ?? 1)));
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${ticks.map((tick) => markup`<path class="grid" d="M${LEFT} ${y(tick).toFixed(1)}H${WIDTH - NAMES}"/><text class="tick side" x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}">${formatNumber(tick)} ${unit}</text>`)}
${sizes.map((size) => markup`<text class="tick" x="${x(size).toFixed(1)}" y="${bottom + 19}">${formatBytes(size)}</text>`)}
${lines.map((line, i) => plotLine(line, { x, y, name: names[i] ?? 0 }))}</svg>`;
}

/**
 * @param {Line} line
 * @param {{ x: import('./scales.mjs').Scale, y: import('./scales.mjs').Scale, name: number }} place
 */
function plotLine({ title, kind, points }, { x, y, name }) {
  const places = points.map(([bytes, value]) => `${x(bytes).toFixed(1)} ${y(value).toFixed(1)}`);
  const dots = points.map(([bytes, value]) => {
    const text = `${title}, ${formatBytes(bytes)}: ${formatNumber(value)}`;
    return markup`<circle cx="${x(bytes).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4.5"><title>${text}</title></circle>`;
  });
  return markup`<g class="${kind}"><path class="line" d="M${places.join('L')}"/>${dots}<text class="value" x="${WIDTH - NAMES + 4}" y="${(name + 4).toFixed(1)}">${title}</text></g>
`;
}

/**
 * The heights of names, moved down where they would cover each other.
 *
 * @param {number[]} heights
 */
function apart(heights) {
  let last = Number.NEGATIVE_INFINITY;
  const moved = [...heights];
  for (const i of heights.map((_, i) => i).toSorted((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))) {
    last = Math.max(heights[i] ?? 0, last + LEADING);
    moved[i] = last;
  }
  return moved;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`;
}
