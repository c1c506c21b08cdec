// @ts-check
/** `npm run release:check`: whether what is checked out can be released. On GitHub the tag is the one that was pushed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { releaseFaults } from './release-faults.mjs';

const { GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_REPOSITORY } = process.env;
const manifest = JSON.parse(read('package.json'));
const tags = GITHUB_REF_TYPE === 'tag' ? [GITHUB_REF_NAME] : git('tag', '--points-at', 'HEAD').split('\n');

const faults = releaseFaults({
  tag: tags.find((tag) => tag === `v${manifest.version}`) ?? (tags[0] || undefined),
  manifest,
  lock: JSON.parse(read('package-lock.json')),
  changelog: read('CHANGELOG.md'),
  changes: git('status', '--porcelain'),
  repository: GITHUB_REPOSITORY,
});
for (const fault of faults) process.stderr.write(`error: ${fault}\n`);
if (faults.length > 0) process.stderr.write('hint: CONTRIBUTING.md, "Releases", has the steps\n');
else process.stdout.write(`${manifest.version} can be released\n`);
process.exit(faults.length === 0 ? 0 : 1);

/** @param {string} path */
function read(path) {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync('git', args, { cwd: new URL('..', import.meta.url), encoding: 'utf8' });
}
