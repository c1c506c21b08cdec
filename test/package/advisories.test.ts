/** The watch on liboqs's advisories, on an answer as GitHub gives it, and with a `gh` that only writes down its calls. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const NEW = {
  ghsa_id: 'GHSA-2222-3333-4444',
  severity: 'high',
  summary: 'Made up; $(for) `this`',
  html_url: 'https://x',
};
const KNOWN = Object.keys(JSON.parse(readFileSync(join(ROOT, '.ci/advisories.json'), 'utf8')) as object).map(
  (ghsa_id) => ({ ...NEW, ghsa_id }),
);
const posix = process.platform === 'win32' ? it.skip : it;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-advisories-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What becomes of an answer; `issues` are those that GitHub finds. */
function watch(answer: unknown, { openIssues = false, issues = [] as object[] } = {}) {
  const file = join(folder, 'answer.json');
  writeFileSync(file, JSON.stringify(answer));
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const program = `#!${process.execPath}
    const args = process.argv.slice(2);
    require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + '\\n');
    if (args[1] === 'list') console.log(${JSON.stringify(JSON.stringify(issues))});`;
  writeFileSync(join(folder, 'gh'), program);
  chmodSync(join(folder, 'gh'), 0o755);

  const args = [join(ROOT, '.ci/advisories.mjs'), '--answer', file, ...(openIssues ? ['--open-issues'] : [])];
  const PATH = `${folder}${delimiter}${process.env['PATH']}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  const lines = readFileSync(calls, 'utf8').split('\n').filter(Boolean);
  return { status, stdout, stderr, calls: lines.map((line) => JSON.parse(line) as string[]) };
}

it('are all known: nothing is to do', () => {
  expect(watch([KNOWN])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/, 0 that nobody has looked at\n$/),
  });
});

it('one that is new, even on the last page, is shown, and is a failure', () => {
  const { status, stdout } = watch([KNOWN, [NEW]]);
  expect(status).toBe(1);
  expect(stdout).toContain(`${NEW.ghsa_id} (high): ${NEW.summary}\n  https://x\n`);
});

it('an answer without any that we know is no answer', () => {
  for (const answer of [[[]], [[NEW]]]) {
    expect(watch(answer, { openIssues: true })).toMatchObject({ status: 2, calls: [] });
  }
});

posix('an issue is opened for what is new, with its text as it is', () => {
  const { status, calls } = watch([[...KNOWN, NEW]], { openIssues: true });
  expect(status).toBe(0);
  expect(calls.map(([, verb]) => verb)).toEqual(['list', 'create']);
  expect(calls[1]).toContain(`liboqs ${NEW.ghsa_id}: ${NEW.summary}`);
});

posix('no second issue is opened, be the first one closed or not', () => {
  const { calls } = watch([[...KNOWN, NEW]], { openIssues: true, issues: [{ number: 7 }] });
  expect(calls.map(([, verb]) => verb)).toEqual(['list']);
  expect(calls[0]).toEqual(expect.arrayContaining(['--state', 'all']));
});

it('what is said of them is so: we have no file of HQC, XMSS or LMS', () => {
  const manifest = readFileSync(join(ROOT, 'deps/liboqs.manifest'), 'utf8');
  expect(manifest).toMatch(/ src\/kem\/kyber\//);
  expect(manifest).not.toMatch(/ src\/(kem\/hqc|sig_stfl\/(xmss|lms))\//);
});
