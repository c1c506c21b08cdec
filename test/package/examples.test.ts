/** The configurations of examples/, with keys and lists as their remarks say to make them; and what they promise. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Identity, writeIdentity } from '../../lib/index.js';
import { Command } from '../support/command.js';

const ROOT = join(__dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(EXAMPLES.length + 1));
const tomls = files.filter((name) => name.endsWith('.toml'));
const textOf = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-examples-'));
  const [server, client] = await Promise.all([Identity.generate(), Identity.generate()]);
  for (const name of tomls) {
    const place = join(folder, dirname(name));
    mkdirSync(place, { recursive: true });
    cpSync(join(EXAMPLES, name), join(folder, name));
    for (const [key, identity] of [
      ['server.pem', server],
      ['client.pem', client],
    ] as const) {
      if (!readdirSync(place).includes(key)) await writeIdentity(join(place, key), identity);
    }
    writeFileSync(join(place, 'clients.txt'), `${client.fingerprint}\n`);
    writeFileSync(join(place, 'hosts.txt'), `db.example ${server.fingerprint}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

it('has configurations for both ends, by themselves and in containers', () => {
  expect(tomls.sort()).toEqual([
    'compose/client/tunnel.toml',
    'compose/server/tunnel.toml',
    'tunnel/client.toml',
    'tunnel/server.toml',
  ]);
});

it.each(tomls)('%s is right', async (name) => {
  const file = join(folder, name);
  const { code, stdout, stderr } = await new Command('tunnel', '--config', file, '--check-config').end;
  expect(stderr).toBe('');
  expect([code, stdout]).toEqual([0, `${file} is right: postgres\n`]);
});

it.each(files)('%s says in its first lines how far it was tried', (name) => {
  const start = textOf(name).split('\n').slice(0, 4).join('\n');
  expect(start).toMatch(name.endsWith('.toml') ? /^# .*Tested by `--check-config`/ : /^# .*It was not (run|built)/s);
});

it.each(files)('%s has lines that can be read', (name) => {
  for (const line of textOf(name).split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});

it('the image has the version that this is', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(textOf('docker/Dockerfile')).toContain(` pqsock@${version} `);
});

it('is not in the package', () => {
  const { files: packed } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
  expect(packed.filter((pattern) => pattern.startsWith('examples') || pattern.startsWith('*'))).toEqual([]);
});
