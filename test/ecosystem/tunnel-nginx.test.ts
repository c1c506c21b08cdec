/** curl with a real nginx behind two tunnels, each in a process of its own. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithPrograms } from '../support/requirements.js';
import { TemporaryServer } from '../support/temporary-server.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

const LONG = 30_000;
const FILE = randomBytes(2 ** 24);

function startNginx(): Promise<TemporaryServer> {
  return TemporaryServer.start({
    command: (folder) => {
      const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      writeFileSync(join(folder, 'file'), FILE);
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice; events {}
         http { access_log off; ${kept.join(' ')} server { listen unix:${folder}/socket; root ${folder}; } }`,
      );
      return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
    },
    ready: /using the "\w+" event method/,
  });
}

describeWithPrograms(__filename, 'curl and nginx through a tunnel', () => {
  let nginx: TemporaryServer | undefined;
  let tunnels: TunnelCommands | undefined;
  beforeAll(async () => {
    nginx = await startNginx();
    tunnels = await TunnelCommands.start(`unix:${nginx.folder}/socket`);
  }, LONG);
  afterAll(async () => {
    await tunnels?.close();
    await nginx?.close();
  });

  async function curl(...args: readonly string[]): Promise<Buffer> {
    const url = `http://127.0.0.1:${tunnels?.port}/file`;
    const how = { encoding: 'buffer', maxBuffer: 2 ** 27 } as const;
    return (await promisify(execFile)('curl', ['-sS', '--fail', ...args, url], how)).stdout;
  }

  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

  it('carry a file of 16 MiB', async () => {
    expect(sha256(await curl())).toBe(sha256(FILE));
  });

  it('carry parts of it, by one connection after another', async () => {
    for (const [from, to] of [
      [0, 99],
      [2 ** 23, 2 ** 23 + 70_000],
      [2 ** 24 - 1, 2 ** 24 - 1],
    ] as const) {
      expect((await curl('-r', `${from}-${to}`)).equals(FILE.subarray(from, to + 1))).toBe(true);
    }
  });

  it(
    'carry it to eight at once, and to one who takes it slowly',
    async () => {
      const all = await Promise.all([...Array.from({ length: 7 }, () => curl()), curl('--limit-rate', '8M')]);
      expect(new Set(all.map(sha256))).toEqual(new Set([sha256(FILE)]));
    },
    LONG,
  );
});
