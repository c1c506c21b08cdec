/** What GitHub runs: only what can be run here too, and only actions that cannot change under our feet. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Each line of the workflows and of our own actions, with the name of its file. */
const lines = readdirSync(join(ROOT, '.github'), { encoding: 'utf8', recursive: true })
  .filter((file) => /^(workflows|actions)[/\\].*\.ya?ml$/.test(file))
  .flatMap((file) =>
    readFileSync(join(ROOT, '.github', file), 'utf8')
      .split('\n')
      .map((line) => ({ file, line })),
  );
/** The values of a key, and where they are. */
const valuesOf = (key: string) =>
  lines.flatMap(({ file, line }) => {
    const value = new RegExp(`^\\s*(?:- )?${key}:\\s*(.*)$`).exec(line)?.[1];
    return value === undefined ? [] : [{ file, value }];
  });

describe('a command in a workflow', () => {
  const commands = valuesOf('run');

  it('is there at all, and on one line', () => {
    expect(commands.length).toBeGreaterThan(10);
    for (const { value } of commands) expect(value).not.toMatch(/^[|>]|^$/);
  });

  it.each(commands)('of $file can be run here: $value', ({ value }) => {
    const script = /^npm (?:run (\S+)|(test))(?: |$)/.exec(value);
    if (script !== null) expect(Object.keys(scripts)).toContain(script[1] ?? script[2]);
    else if (value.startsWith('.ci/')) expect(statSync(join(ROOT, value)).mode & 0o111).not.toBe(0);
    else expect(value).toMatch(/^npm (ci$|publish )/);
  });

  it('has nothing put into it by GitHub, which would be code', () => {
    expect(commands.filter(({ value }) => value.includes('${{'))).toEqual([]);
  });
});

describe('an action', () => {
  const used = valuesOf('uses');
  const exceptions = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

  it.each(used)('of $file is ours, or a commit, or an exception that CONTRIBUTING.md lists: $value', ({ value }) => {
    if (value.startsWith('./')) expect(existsSync(join(ROOT, value))).toBe(true);
    else if (!/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(value)) expect(exceptions).toContain(`\`${value}\``);
  });

  it('that is a commit has its source named above it', () => {
    lines.forEach(({ line }, index) => {
      if (!/uses: .*@[0-9a-f]{40}/.test(line)) return;
      expect(lines[index - 1]?.line).toMatch(/^\s*# Pin: [\w-]+\/[\w-]+, \.github\/workflows\/[\w-]+\.ya?ml$/);
    });
  });

  it('is of one commit wherever it is used', () => {
    const commits = new Map<string, Set<string>>();
    for (const { value } of used) {
      const [action = '', commit = ''] = value.split('@');
      commits.set(action, (commits.get(action) ?? new Set()).add(commit));
    }
    expect([...commits].filter(([, each]) => each.size > 1)).toEqual([]);
  });
});
