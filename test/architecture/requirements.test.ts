/** test/requirements.json: what it lists is there, and is skipped or left out as it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEST = join(__dirname, '..');
const requirements: { program: string; debian: string[]; suites: string[] }[] = JSON.parse(
  readFileSync(join(TEST, 'requirements.json'), 'utf8'),
);
const usesRequirements = (suite: string) =>
  readFileSync(join(TEST, suite), 'utf8').includes('describeWithPrograms(__filename,');

it.each(requirements)('the suites that need $program are there', ({ suites }) => {
  for (const suite of suites) expect([suite, existsSync(join(TEST, suite))]).toEqual([suite, true]);
});

it.each(requirements.filter(({ debian }) => debian.length > 0))(
  'the suites that need $program are skipped without it',
  ({ suites }) => {
    for (const suite of suites) expect([suite, usesRequirements(suite)]).toEqual([suite, true]);
  },
);

it('every suite that can be skipped has a program that it needs', () => {
  const skipped = readdirSync(TEST, { encoding: 'utf8', recursive: true }).filter(
    (file) => file.endsWith('.test.ts') && file !== 'architecture/requirements.test.ts' && usesRequirements(file),
  );
  expect(skipped.length).toBeGreaterThan(10);
  const listed = requirements.flatMap(({ suites }) => suites);
  expect(skipped.map((file) => file.replaceAll('\\', '/')).filter((file) => !listed.includes(file))).toEqual([]);
});
