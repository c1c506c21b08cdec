// @ts-check
/** What stands between a commit and its release: that tag, versions and changelog say one thing. No I/O. */

/**
 * @typedef {object} Release
 * @property {string | undefined} tag
 * @property {{ version: string, repository?: { url?: string } }} manifest package.json
 * @property {{ version: string, packages: Record<string, { version?: string }> }} lock package-lock.json
 * @property {string} changelog CHANGELOG.md
 * @property {string} changes what `git status --porcelain` prints
 * @property {string | undefined} repository owner and name, where GitHub says them
 */

/**
 * @param {Release} release
 * @returns {string[]} a line for each fault: none, and it can be released
 */
export function releaseFaults({ tag, manifest, lock, changelog, changes, repository }) {
  const { version } = manifest;
  const faults = [];
  if (!/^\d+\.\d+\.\d+$/.test(version))
    faults.push(`version ${version} in package.json: MAJOR.MINOR.PATCH is expected`);
  if (tag !== `v${version}`) faults.push(`the tag is ${tag ?? 'missing'}: it must be v${version}, as in package.json`);
  if (lock.version !== version || lock.packages['']?.version !== version) {
    faults.push(`package-lock.json is not of version ${version}: run npm install --package-lock-only`);
  }
  faults.push(...changelogFaults(changelog, version));
  if (changes !== '') faults.push(`the work tree is not clean:\n${changes.trimEnd()}`);
  const address = manifest.repository?.url?.replace(/^git\+/, '').replace(/\.git$/, '');
  if (repository !== undefined && address !== `https://github.com/${repository}`) {
    faults.push(
      `"repository" in package.json must name ${repository}: npm compares it with where the release was made`,
    );
  }
  return faults;
}

/**
 * The text below the heading of a version.
 *
 * @param {string} changelog
 * @param {string} version
 * @returns {string} empty if there is none
 */
export function changesOf(changelog, version) {
  const section = changelog.split(/^## /m).find((text) => text.startsWith(`[${version}] `));
  return section === undefined ? '' : section.slice(section.indexOf('\n')).trim();
}

/**
 * @param {string} changelog
 * @param {string} version
 */
function changelogFaults(changelog, version) {
  const headings = [...changelog.matchAll(/^## (.*)$/gm)].map((match) => match[1] ?? '');
  const [newest = 'missing'] = headings;
  if (newest === '[Unreleased]') return [`CHANGELOG.md still has [Unreleased]: it becomes [${version}] with the day`];
  if (!newest.startsWith(`[${version}] - `) || !/ \d{4}-\d{2}-\d{2}$/.test(newest)) {
    return [`the newest section of CHANGELOG.md is ${newest}: it must be [${version}] - YEAR-MONTH-DAY`];
  }
  return changesOf(changelog, version) === '' ? [`CHANGELOG.md says nothing of ${version}`] : [];
}
