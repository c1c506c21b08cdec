// @ts-check
/**
 * `npm run advisories`: the security advisories of liboqs that nobody here has looked at; advisories.json has the others,
 * with what they are to us. `--open-issues` opens an issue for each, once; `--answer FILE` takes GitHub's answer from a
 * file instead of asking. The exit code is 1 if there are any and no issues are opened, 2 if nothing could be found out.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** The parts of GitHub's answer that we use. @typedef {{ ghsa_id: string, severity: string, summary: string, html_url: string }} Advisory */

const SOURCE = 'repos/open-quantum-safe/liboqs/security-advisories?per_page=100';

const { values } = parseArgs({ options: { 'open-issues': { type: 'boolean' }, answer: { type: 'string' } } });
/** @type {Record<string, string>} */
const known = JSON.parse(readFileSync(new URL('advisories.json', import.meta.url), 'utf8'));
const advisories = read(
  values.answer === undefined ? gh('api', '--paginate', '--slurp', SOURCE) : readFileSync(values.answer, 'utf8'),
);
const fresh = advisories.filter(({ ghsa_id }) => known[ghsa_id] === undefined);

for (const { ghsa_id, severity, summary, html_url } of fresh) {
  process.stdout.write(`${ghsa_id} (${severity}): ${summary}\n  ${html_url}\n`);
}
process.stdout.write(`${advisories.length} advisories of liboqs, ${fresh.length} that nobody has looked at\n`);
if (values['open-issues'] === true) for (const advisory of fresh) openIssue(advisory);
else if (fresh.length > 0) process.exit(1);

/**
 * Ends the process if the answer has none of those that we know: then it can't be what we asked for, and says nothing.
 *
 * @param {string} answer pages, each an array
 * @returns {Advisory[]}
 */
function read(answer) {
  /** @type {Advisory[]} */
  const found = JSON.parse(answer).flat();
  if (!found.some(({ ghsa_id }) => known[ghsa_id] !== undefined)) {
    fail('the answer has none of the advisories in .ci/advisories.json', `look at what gh api ${SOURCE} says`);
  }
  return found;
}

/** @param {Advisory} advisory */
function openIssue({ ghsa_id, severity, summary, html_url }) {
  const search = `${ghsa_id} in:title`;
  const before = JSON.parse(gh('issue', 'list', '--state', 'all', '--search', search, '--json', 'number'));
  if (before.length > 0) return;
  const body = [
    `${html_url} (${severity})`,
    'Does it concern the code that deps/liboqs.manifest lists, in version 0.13.0? If so, correct it (deps/README.md,',
    '"The corrections") and release. In any case say in .ci/advisories.json what it is to us.',
  ].join('\n');
  gh('issue', 'create', '--title', `liboqs ${ghsa_id}: ${summary}`, '--body', body);
}

/** @param {string[]} args */
function gh(...args) {
  const { stdout, status, error } = spawnSync('gh', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status === 0) return stdout;
  return fail(`gh ${args[0]} ${error?.message ?? 'failed'}`, 'the command line of GitHub is needed, or --answer FILE');
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
