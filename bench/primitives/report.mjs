// @ts-check
/** The results as tables. */

import { spread } from '../statistics.mjs';
import { formatTable } from '../table.mjs';
import { IN_FLIGHT, PREPARED } from './contenders/addon.mjs';
import { againstLiboqs, againstNoble } from './targets.mjs';

/**
 * @typedef {import('./rounds.mjs').Result} Result
 * @typedef {import('./targets.mjs').Expectation} Expectation
 * @typedef {{ kind: 'kem' | 'sig', algorithm: string, operation: string, results: Record<string, Result> }} Row
 */

/** @typedef {import('./contenders/rivals.mjs').About & { over: string }} Known `over`: the addon that it is compared with */

/**
 * @typedef {object} Conditions
 * @property {number} rounds
 * @property {Known[]} rivals
 * @property {import('../connections/runtime.mjs').Runtime | undefined} otherNode
 * @property {import('./contenders/rivals.mjs').Gap[]} gaps
 */

/**
 * @param {Row[]} rows
 * @param {Conditions} conditions
 */
export function formatReport(rows, { rounds, rivals, otherNode, gaps }) {
  const measured = rows.map((row) => ({ ...row, at: (/** @type {string} */ name) => resultOf(row, name) }));
  return [
    `${rounds} rounds; medians, ± half the interquartile range`,
    ...(otherNode === undefined ? [] : [`* on Node ${otherNode.node} (OpenSSL ${otherNode.openssl}), the addon too`]),
    ...rivals.flatMap(({ title, apart }) => (apart === undefined ? [] : [`${title}: ${apart}`])),
    ...gaps.map((gap) => `missing: ${gap}`),
    '',
    inlineTable(measured),
    preparedTable(measured),
    rivalsTable(measured, rivals),
    asyncTable(measured),
    asyncAdvice(measured),
  ].join('\n');
}

/** @typedef {Row & { at: (contender: string) => Result }} Measured */

/** @param {Measured[]} rows */
function inlineTable(rows) {
  const header = ['', 'C µs', '±', 'addon µs', '±', 'addon/C', 'more µs', '  target', ' '];
  return formatTable(
    'The addon inline (…Sync) and liboqs itself',
    header,
    rows.map((row) => {
      const [c, addon] = [row.at('liboqs'), row.at('sync')];
      const both = [micro(c.median), percent(c), micro(addon.median), percent(addon)];
      const more = [(addon.median / c.median).toFixed(3), micro(addon.median - c.median)];
      return [nameOf(row), ...both, ...more, ...verdictCells(againstLiboqs(row, addon, c))];
    }),
  );
}

/**
 * @param {Measured[]} rows
 * @param {Known[]} rivals
 */
function rivalsTable(rows, rivals) {
  return formatTable(
    'The addon inline and other implementations',
    ['', 'addon µs', ' contender', ' ', 'µs', '±', 'times', '  target', ' '],
    rows.flatMap((row) =>
      rivals
        .filter(({ name }) => name in row.results)
        .map(({ name, title, how, over }) => {
          const [addon, result] = [row.at(over), row.at(name)];
          const there = over === 'sync' ? '' : ' *';
          const cells = [micro(addon.median), ` ${title}${there}`, ` ${how}`, micro(result.median), percent(result)];
          const verdict = name.startsWith('noble') ? verdictCells(againstNoble(row, addon, result)) : ['', ''];
          return [nameOf(row), ...cells, (result.median / addon.median).toFixed(1), ...verdict];
        }),
    ),
  );
}

/** @param {Measured[]} rows */
function preparedTable(rows) {
  return formatTable(
    'The addon inline, with a key that is prepared (sig.prepare) and without',
    ['', 'without µs', '±', 'prepared µs', '±', 'ratio'],
    rows.flatMap((row) => {
      const [sync, prepared] = [row.at('sync'), row.results[PREPARED]];
      if (prepared === undefined) return [];
      const both = [micro(sync.median), percent(sync), micro(prepared.median), percent(prepared)];
      return [[nameOf(row), ...both, (prepared.median / sync.median).toFixed(3)]];
    }),
  );
}

/** @param {Measured[]} rows */
function asyncTable(rows) {
  const many = `${IN_FLIGHT} at once`;
  const one = ['', 'inline µs', 'awaited µs', '±', 'hop µs', 'loop µs'];
  return formatTable(
    `The addon off the event loop: one at a time, and ${IN_FLIGHT} under way`,
    [...one, many, '±', 'loop µs', 'throughput', '  pays for'],
    rows.map((row) => {
      const [sync, async, many] = [row.at('sync'), row.at('async'), row.at('inFlight')];
      const one = [micro(async.median), percent(async), micro(async.median - sync.median), micro(async.loop ?? 0)];
      const all = [
        micro(many.median),
        percent(many),
        micro(many.loop ?? 0),
        `${(sync.median / many.median).toFixed(2)} ×`,
      ];
      const gains = [...(freesLoop(row) ? ['the loop'] : []), ...(isFaster(row) ? ['throughput'] : [])];
      return [nameOf(row), micro(sync.median), ...one, ...all, `  ${gains.join(', ') || 'nothing'}`];
    }),
  );
}

// It pays where it is a tenth better than inline: less is within the noise. The loop's time is that with many under
// way: of one at a time most is falling asleep and waking up, which a busy server doesn't do.
const CLEARLY = 0.9;

/** @param {Measured} row */
function freesLoop(row) {
  return (row.at('inFlight').loop ?? 0) < CLEARLY * row.at('sync').median;
}

/** @param {Measured} row */
function isFaster(row) {
  return row.at('inFlight').median < CLEARLY * row.at('sync').median;
}

/** @param {Measured[]} rows */
function asyncAdvice(rows) {
  return [
    `A promise keeps the event loop less busy than the call inline: ${from(rows, freesLoop)}.`,
    `${IN_FLIGHT} at once get more done than calls inline: ${from(rows, isFaster)}.`,
    '',
  ].join('\n');
}

/**
 * The shortest operation that, with all longer ones, gains something.
 *
 * @param {Measured[]} rows
 * @param {(row: Measured) => boolean} gains
 */
function from(rows, gains) {
  const longestFirst = rows.toSorted((a, b) => b.at('sync').median - a.at('sync').median);
  const end = longestFirst.findIndex((row) => !gains(row));
  const shortest = (end === -1 ? longestFirst : longestFirst.slice(0, end)).at(-1);
  return shortest === undefined ? 'never' : `from ${nameOf(shortest)} (${micro(shortest.at('sync').median)} µs) on`;
}

/**
 * @param {Row} row
 * @param {string} contender
 */
function resultOf(row, contender) {
  const result = row.results[contender];
  if (result === undefined) throw new Error(`no result of ${contender} for ${nameOf(row)}`);
  return result;
}

/** @param {Row} row */
function nameOf({ algorithm, operation }) {
  return `${algorithm} ${operation}`;
}

/** @param {Expectation} expectation */
function verdictCells({ target, verdict }) {
  return [`  ${target}`, ` ${verdict}`];
}

/** @param {number} value */
function micro(value) {
  return value.toFixed(Math.abs(value) < 1000 ? 2 : 0);
}

/** @param {Result} result */
function percent(result) {
  return `${spread(result).toFixed(1)} %`;
}
