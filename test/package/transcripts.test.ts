/**
 * README.md and the pages of docs/ as a newcomer follows them: the commands and programs of each, as they stand, in an
 * empty HOME, with the package from its tarball.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackageRegistry } from '../support/package-registry.js';
import { PACKING_TIME, packedPackage } from '../support/packed-package.js';
import { START_TIMEOUT, startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import { describeWithPrograms } from '../support/requirements.js';
import type { TemporaryServer } from '../support/temporary-server.js';
import { REGISTRY_PORT, Terminal } from '../support/terminal.js';
import { blocksNotRun, stepsOf } from '../support/transcript.js';

const ROOT = join(__dirname, '../..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);

/** In milliseconds. What README.md does with PostgreSQL may take a newcomer five minutes. */
const PAGE_TIMEOUT = 60_000;

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const hasBlocks = (path: string): boolean => /^```/m.test(textOf(path));

it('at most three blocks of all pages are not run', () => {
  const marked = PAGES.flatMap((path) => Array(blocksNotRun(textOf(path))).fill(path));
  expect(marked.slice(3)).toEqual([]);
});

describeWithPrograms(__filename, 'followed as it stands', () => {
  let folder: string;
  let registry: PackageRegistry | undefined;
  let postgres: TemporaryServer | undefined;
  let redis: TemporaryServer | undefined;
  let ports: Record<number, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pqsock-registry-'));
    const path = join(folder, 'registry');
    registry = await PackageRegistry.start(packedPackage(), path);
    const [database, cache] = await Promise.all([startPostgres(), startRedis()]);
    postgres = database.server;
    redis = cache.server;
    ports = { [REGISTRY_PORT]: path, 5432: database.path, 6379: cache.path };
  }, PACKING_TIME + START_TIMEOUT);
  afterAll(async () => {
    await Promise.all([postgres?.close(), redis?.close()]);
    registry?.close();
    rmSync(folder, { recursive: true });
  });

  it.each(PAGES.filter(hasBlocks))(
    '%s works',
    async (path) => {
      const steps = stepsOf(textOf(path));
      const terminal = new Terminal(ports);
      try {
        for (const step of steps) {
          if (step.kind === 'file') terminal.save(step.name, step.text);
          else {
            await terminal.run(step.text, step.prints).catch((error) => {
              throw new Error(`${path}, line ${step.line}: ${error.message}`);
            });
          }
        }
      } finally {
        await terminal.close();
      }
    },
    PAGE_TIMEOUT,
  );
});
