/** The seed profile against a Rust program on the `oqs` crate that follows the seed call by call. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { type ConnectOptions, connect, Identity, type PqSocket, type SeedCipher } from '../../lib/index.js';
import { describeWithPrograms } from '../support/requirements.js';
import { errorOf, type SeedIdentities, seedIdentities, TestServer } from '../support/seed-pair.js';

const ROOT = join(__dirname, '../..');
const PEER = join(ROOT, 'build/seed-peer/release/seed-peer');
const BUILD_TIMEOUT = 10 * 60_000;

interface PeerEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The program, and what it says. */
class SeedPeer {
  readonly events: PeerEvent[] = [];
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #waiting: (() => void)[] = [];

  constructor(...args: string[]) {
    this.#child = spawn(PEER, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number);
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.events.push(JSON.parse(line) as PeerEvent);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async event(name: string): Promise<PeerEvent> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  get steps(): unknown[] {
    return this.events.filter(({ event }) => event === 'step').map(({ step }) => step);
  }
}

function buildPeer(): void {
  const manifest = join(ROOT, 'test/interop/seed-peer/Cargo.toml');
  const args = ['build', '--release', '--locked', '--manifest-path', manifest, '--target-dir', 'build/seed-peer'];
  const { status, stderr } = spawnSync('cargo', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cargo build failed:\n${stderr}`);
}

const VARIANTS: [SeedCipher, string, string][] = [
  ['aes-256-gcm', '1', 'random'],
  ['aes-256-gcm', 'all', 'counter'],
  ['aes-256-ctr', '1', 'counter'],
  ['aes-256-ctr', 'all', 'random'],
];

describeWithPrograms(__filename, 'a program on the oqs crate', () => {
  let identities: SeedIdentities;
  let folder: string;
  let file: string;
  const content = randomBytes(3 * 2 ** 20 + 17);
  const sha256 = createHash('sha256').update(content).digest('hex');

  beforeAll(async () => {
    buildPeer();
    identities = await seedIdentities();
    folder = mkdtempSync(join(tmpdir(), 'pqsock-peer-'));
    file = join(folder, 'content');
    writeFileSync(file, content);
  }, BUILD_TIMEOUT);
  afterAll(() => rmSync(folder, { recursive: true }));

  const echo = (socket: PqSocket) => void pipeline(socket, socket).catch(() => {});

  describe.each(VARIANTS)('with %s, segments of %s, %s nonces', (cipher, segment, nonces) => {
    const secure = { cipher, allowUnauthenticatedCtr: true };
    const flags = ['--cipher', cipher === 'aes-256-gcm' ? 'gcm' : 'ctr', '--segment', segment, '--nonces', nonces];

    it('is served as a client, which sends records of 0 to 2^20 bytes and compares the echo', async () => {
      const server = await TestServer.listen(identities, { ...secure, trust: 'any', allowHalfOpen: true }, echo);
      const peer = new SeedPeer('client', '--port', String(server.port), ...flags, '--mode', 'ping', '12');
      const { own, peer: seen } = await peer.event('established');
      expect(seen).toBe(identities.server.fingerprint);
      expect(own).toMatch(/^pqsock1:dilithium5:/);
      expect(await peer.event('ping')).toMatchObject({ records: 12, ok: true });
      expect(await peer.exited).toBe(0);
      expect(peer.steps).toEqual([1, 2, 5, 6, 7, 9, 10, 11, 16, 17, 18]);
      await server.close();
    });

    it('serves us, with its key pinned, and sends a file', async () => {
      const peer = new SeedPeer('server', ...flags, '--mode', 'send-file', file);
      const { port } = await peer.event('listening');
      const { own } = await peer.event('key');
      const options = { profile: 'seed', host: '127.0.0.1', port: port as number, ...secure } as const;
      const client = connect({ ...options, identity: identities.client, trust: own as string } as ConnectOptions);
      const hash = createHash('sha256');
      for await (const chunk of client) hash.update(chunk);
      expect(hash.digest('hex')).toBe(sha256);
      expect(await peer.exited).toBe(0);
      expect(peer.steps).toEqual([1, 2, 3, 4, 8, 12, 13, 14, 15, 18]);
    });

    it('receives a file from us', async () => {
      const peer = new SeedPeer('server', ...flags, '--mode', 'receive');
      const { port } = await peer.event('listening');
      const options = { profile: 'seed', host: '127.0.0.1', port: port as number, ...secure } as const;
      const client = connect({ ...options, identity: identities.client, trust: 'any' } as ConnectOptions);
      client.resume().end(content);
      expect(await peer.event('received')).toMatchObject({ bytes: content.length, sha256 });
      expect(await peer.exited).toBe(0);
    });
  });

  it.each([
    ['bad-coefficient', 'PQ_ERR_DECODE'],
    ['short-key', 'PQ_ERR_DECODE'],
    ['huge-length', 'PQ_ERR_DECODE'],
    ['reflect', 'PQ_ERR_BAD_RECORD', '--mode', 'echo'],
    ['cut', 'PQ_ERR_TRUNCATED'],
  ])('is refused as a client when it does %s', async (act, code, ...more) => {
    const errors: (Error & { code?: string })[] = [];
    const server = await TestServer.listen(identities, { trust: 'any' }, (socket) => {
      socket.on('error', (error) => void errors.push(error)).resume();
      socket.write('something to reflect');
    });
    server.server.on('clientError', (error) => void errors.push(error));
    const peer = new SeedPeer('client', '--port', String(server.port), '--hostile', act, ...more);
    await peer.event('hostile');
    await peer.exited;
    await server.close();
    expect(errors.map((error) => error.code)).toEqual([code]);
  });

  it('is refused as a server when it signs something else than kem_ct', async () => {
    const peer = new SeedPeer('server', '--hostile', 'wrong-ct-signature');
    const { port } = await peer.event('listening');
    const options = { profile: 'seed', host: '127.0.0.1', port: port as number } as const;
    const client = connect({ ...options, identity: identities.client, trust: 'any' });
    expect((await errorOf(client)).code).toBe('PQ_ERR_AUTH_FAILED');
    await peer.exited;
  });

  it('is refused when it is not the one whose key is pinned', async () => {
    const other = await Identity.generate({ profile: 'seed' });
    const peer = new SeedPeer('server');
    const { port } = await peer.event('listening');
    const options = { profile: 'seed', host: '127.0.0.1', port: port as number } as const;
    const client = connect({ ...options, identity: identities.client, trust: other.fingerprint });
    expect((await errorOf(client)).code).toBe('PQ_ERR_UNTRUSTED');
    await peer.exited;
  });
});
