/** What may be released: a repository of a few files, and each way in which they can contradict one another. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CI = join(__dirname, '../../.ci');
const REPOSITORY = { type: 'git', url: 'git+https://github.com/somebody/pq.sock.git' };
const RIGHT = {
  tag: 'v1.2.3',
  manifest: { name: 'x', version: '1.2.3', repository: REPOSITORY } as object,
  lock: { version: '1.2.3', packages: { '': { version: '1.2.3' } } } as object,
  changelog:
    '# Changelog\n\n## [1.2.3] - 2026-11-23\n### Added\n* What there is.\n\n## [1.2.2] - 2026-11-01\n* Before.\n',
  variables: {} as Record<string, string>,
  afterwards: (_folder: string): void => undefined,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-release-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(changes: Partial<typeof RIGHT> = {}) {
  const { tag, manifest, lock, changelog, variables, afterwards } = { ...RIGHT, ...changes };
  mkdirSync(join(folder, '.ci'));
  for (const name of readdirSync(CI).filter((file) => file.startsWith('release-'))) {
    cpSync(join(CI, name), join(folder, '.ci', name));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=x', '-c', 'user.email=x@x.invalid', 'commit', '-qm', 'x');
  if (tag !== '') git('tag', tag);
  afterwards(folder);

  const { GITHUB_REF_TYPE: _, GITHUB_REF_NAME: __, GITHUB_REPOSITORY: ___, ...rest } = process.env;
  const env = { ...rest, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['.ci/release-check.mjs'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, errors: stderr.split('\n').filter((line) => line.startsWith('error: ')) };
}

it('a commit whose tag, versions and changelog agree', () => {
  expect(check()).toEqual({ status: 0, stdout: '1.2.3 can be released\n', errors: [] });
});

it('on GitHub by the tag that was pushed, from the repository of package.json', () => {
  const pushed = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3', GITHUB_REPOSITORY: 'somebody/pq.sock' };
  expect(check({ tag: '', variables: pushed })).toMatchObject({ status: 0 });
});

it("has the changes of its own section as notes, no other version's", () => {
  const changes = (version: string) => {
    const script = `import { changesOf } from './.ci/release-faults.mjs';
      process.stdout.write(changesOf(${JSON.stringify(RIGHT.changelog)}, '${version}'));`;
    const args = ['--input-type=module', '--eval', script];
    return execFileSync(process.execPath, args, { cwd: join(CI, '..'), encoding: 'utf8' });
  };
  expect(['1.2.3', '1.2.2', '1.2'].map(changes)).toEqual(['### Added\n* What there is.', '* Before.', '']);
});

describe('not', () => {
  const CASES: [string, Partial<typeof RIGHT>, RegExp][] = [
    ['without a tag', { tag: '' }, /the tag is missing: it must be v1\.2\.3/],
    ['with the tag of another version', { tag: 'v1.2.2' }, /the tag is v1\.2\.2: it must be v1\.2\.3/],
    [
      'when another tag was pushed than is here',
      { variables: { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v9.9.9' } },
      /the tag is v9\.9\.9/,
    ],
    [
      'with a version for trying out',
      {
        tag: 'v1.2.3-rc.1',
        manifest: { version: '1.2.3-rc.1' },
        lock: { version: '1.2.3-rc.1', packages: { '': { version: '1.2.3-rc.1' } } },
        changelog: RIGHT.changelog.replace('1.2.3', '1.2.3-rc.1'),
      },
      /MAJOR\.MINOR\.PATCH/,
    ],
    [
      'with a lock file of another version',
      { lock: { version: '1.2.2', packages: { '': { version: '1.2.3' } } } },
      /package-lock\.json/,
    ],
    [
      'with a lock file of another version inside',
      { lock: { version: '1.2.3', packages: { '': { version: '1.2.2' } } } },
      /package-lock\.json/,
    ],
    [
      'with changes that are not released',
      { changelog: RIGHT.changelog.replace('## ', '## [Unreleased]\n\n## ') },
      /still has \[Unreleased\]/,
    ],
    [
      'without the day',
      { changelog: RIGHT.changelog.replace(' - 2026-11-23', '') },
      /newest section .* is \[1\.2\.3\]:/,
    ],
    [
      'with another newest version in the changelog',
      { changelog: RIGHT.changelog.replace('[1.2.3]', '[1.2.4]') },
      /newest section .* is \[1\.2\.4\]/,
    ],
    [
      'with nothing in the changelog',
      { changelog: RIGHT.changelog.replace('### Added\n* What there is.\n', '') },
      /says nothing of 1\.2\.3/,
    ],
    [
      'with a file that was changed',
      { afterwards: (at) => writeFileSync(join(at, 'new.txt'), '') },
      /the work tree is not clean/,
    ],
    [
      'from another repository than package.json names',
      { variables: { GITHUB_REPOSITORY: 'somebody/pq-sock' } },
      /"repository" .* must name somebody\/pq-sock/,
    ],
    [
      'from a repository of which package.json says nothing',
      { manifest: { version: '1.2.3' }, variables: { GITHUB_REPOSITORY: 'somebody/pq.sock' } },
      /"repository"/,
    ],
  ];

  it.each(CASES)('%s', (_, changes, error) => {
    const { status, stdout, errors } = check(changes);
    expect([status, stdout]).toEqual([1, '']);
    expect(errors).toEqual([expect.stringMatching(error)]);
  });
});
