// @ts-check
/**
 * `npm run test:platforms`: the packed package on every platform that can be run here, and with everybody's installer.
 * Prints a table, and writes it into docs/PLATFORMS.md when all rows were tried. `-- --host`: what needs no download but
 * the checkers of packages; `-- TEXT…`: the rows that have one of these texts. Linux on x64; `-- --prebuilt --host` also
 * macOS, with the addon that is in prebuilds/ instead of one that is made for it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from './application.mjs';
import { writeDocument } from './document.mjs';
import { startRegistry } from './registry.mjs';
import { ROWS } from './rows.mjs';
import { ROOT, WORK } from './tools.mjs';

const { values, positionals } = parseArgs({
  options: { host: { type: 'boolean' }, prebuilt: { type: 'boolean' } },
  allowPositionals: true,
});

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {Pick<Row, 'target' | 'runtime' | 'how'> & { ok: boolean, result: string, seconds: number }} Outcome */

const rows = ROWS.filter((row) => isWanted(row));
if (rows.length === 0) fail(`no row has ${positionals.join(' or ')}`, ROWS.map(nameOf).join('\n      '));
const outcomes = await tryAll(rows);
if (rows.length === ROWS.length) writeDocument(join(ROOT, 'docs', 'PLATFORMS.md'), outcomes);
const failed = outcomes.filter(({ ok }) => !ok);
process.stdout.write(`${outcomes.length - failed.length} passed, ${failed.length} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);

/**
 * @param {Row[]} rows
 * @returns {Promise<Outcome[]>}
 */
async function tryAll(rows) {
  const tarball = tarballOfPackage();
  const registry = await startRegistry(ROOT, tarball, join(WORK, 'registry'));
  /** @type {Outcome[]} */
  const outcomes = [];
  try {
    for (const [i, row] of rows.entries()) {
      const began = performance.now();
      const outcome = await tryRow(row, {
        app: new Application(join(WORK, 'apps', String(i)), registry.url),
        tarball,
      });
      const { target, runtime, how } = row;
      const seconds = Math.round((performance.now() - began) / 1000);
      outcomes.push({ target, runtime, how, ...outcome, seconds });
      process.stdout.write(`${outcome.ok ? 'ok  ' : 'FAIL'} ${nameOf(row)}: ${outcome.result} (${seconds} s)\n`);
    }
  } finally {
    registry.close();
  }
  return outcomes;
}

/**
 * @param {Row} row
 * @param {import('./rows.mjs').Context} context
 */
async function tryRow({ addons = [], run }, context) {
  const missing = addons.filter((path) => !existsSync(join(ROOT, path)));
  if (missing.length > 0) return { ok: false, result: `no ${missing.join(', ')}: npm run prebuilds` };
  try {
    return { ok: true, result: await run(context) };
  } catch (error) {
    return { ok: false, result: /** @type {Error} */ (error).message };
  }
}

/** With the host's addon alone where others are not needed; else with those that have been made. */
function tarballOfPackage() {
  if (values.prebuilt !== true && rows.every(({ addons = [] }) => addons.length === 0)) {
    return execFileSync(process.execPath, [join(ROOT, 'native', 'pack-for-host.mjs')], { encoding: 'utf8' }).trim();
  }
  mkdirSync(WORK, { recursive: true });
  const args = ['pack', '--json', '--silent', '--pack-destination', WORK];
  const packed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return join(WORK, JSON.parse(packed.slice(packed.indexOf('[\n')))[0].filename);
}

/** @param {Row} row */
function isWanted(row) {
  if (values.host === true && row.short !== true) return false;
  return positionals.length === 0 || positionals.some((text) => nameOf(row).includes(text));
}

/** @param {Pick<Row, 'target' | 'runtime' | 'how'>} row */
function nameOf({ target, runtime, how }) {
  return `${target}, ${runtime}, ${how.replaceAll('`', '')}`;
}

/**
 * @param {string} error
 * @param {string} hint
 * @returns {never}
 */
function fail(error, hint) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(2);
}
