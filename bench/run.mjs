// @ts-check
/** `npm run bench`: measures, suite by suite, and prints tables; see README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeEnvironment, formatEnvironment } from './environment.mjs';
import { measureSuites } from './measuring.mjs';
import { NAMES, parseOptions, USAGE } from './options.mjs';
import { checkRatios } from './recorded/check.mjs';
import { recordRatios } from './recorded/record.mjs';
import { makeMarkdown } from './report/markdown.mjs';
import { makePage } from './report/page.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./report/page.mjs').Figures} Figures */

const RECORDED = fileURLToPath(new URL('recorded.json', import.meta.url));
const REPORT = fileURLToPath(new URL('report.html', import.meta.url));

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => process.exit(128 + constants.signals[signal])); // the children end with us
}
const options = readOptions();
if (options.help) process.stdout.write(USAGE);
else await main(options).catch((error) => fail(error.message, error.hint ?? 'see bench/README.md', 1));

/** @param {Options} options */
async function main(options) {
  if (options.from !== undefined) {
    const figures = JSON.parse(readFileSync(options.from, 'utf8'));
    if (options.table) say(makeMarkdown(figures));
    else writeReport(options.report ?? REPORT, figures);
    return;
  }
  const environment = describeEnvironment();
  say(formatEnvironment(environment));
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  const measureRatios = async () => (await measureSuites(options, () => {})).ratios;
  if (options.record) {
    const ratios = await recordRatios(measureRatios);
    writeJson(RECORDED, { environment, command, ratios });
  } else if (options.check) {
    const { ratios } = JSON.parse(readFileSync(RECORDED, 'utf8'));
    if (!(await checkRatios(ratios, measureRatios, say))) process.exitCode = 1;
  } else {
    const figures = { environment, command, ...(await measureSuites(options, say)) };
    if (options.json !== undefined) writeJson(options.json, figures);
    const isWhole = options.suites.length === NAMES.length;
    if (options.report !== undefined || isWhole) writeReport(options.report ?? REPORT, figures);
  }
}

/**
 * @param {string} file
 * @param {Figures} figures
 */
function writeReport(file, figures) {
  writeFileSync(file, makePage(figures));
  say(`report: ${relative(process.cwd(), file)}`);
}

/**
 * @param {string} file
 * @param {object} content
 */
function writeJson(file, content) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'npm run bench -- --help', 2);
  }
}

/**
 * @param {string} error
 * @param {string} hint
 * @param {number} code
 * @returns {never}
 */
function fail(error, hint, code) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(code);
}
