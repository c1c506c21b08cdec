/**
 * Nothing that the package prints, throws, publishes or lets be inspected has 8 bytes of a secret in it: identities, KEM
 * keys and secrets, and all that is derived from them, in connections that succeed and that fail.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SIG_ALGORITHMS } from '../../lib/crypto/suites.js';
import { type Form, SecretSearch } from '../support/secret-search.js';

const FIXTURE = join(__dirname, 'shown-secrets.mjs');
const MAIN = join(__dirname, '../../dist/bundle/main.js');
const TIMEOUT = 240_000;
const KEY_LOG = /^PQSOCK_\w+_TRAFFIC_SECRET_(\d+) [0-9a-f]{64} ([0-9a-f]{128})\n/gm;
const KEM_SECRET_KEY = 3168;
const X25519 = 32;
/** A traffic secret, then its key and iv. */
const TRAFFIC_SECRET = 64;
const TRAFFIC_SECRET_AND_KEY = 108;

interface Run {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly secrets: readonly Buffer[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program, with NODE_DEBUG on, and the secrets that it and its children have made. */
async function run(path: string, ...args: string[]): Promise<Run> {
  const noting = ['--import', join(__dirname, 'note-secrets.mjs')];
  const env = { ...process.env, NODE_OPTIONS: '', NODE_DEBUG: 'pqsock', PQSOCK_NOTES: folder };
  const child = spawn(process.execPath, [...noting, path, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT / 2,
  });
  const [stdout, stderr, [status]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ]);
  const notes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const secrets = notes.join('').trim().split('\n');
  return { status, stdout, stderr, secrets: [...new Set(secrets)].map((hex) => Buffer.from(hex, 'hex')) };
}

/** The parts of a Secret that are secret: in a secret key there is what is in the public key, too. */
function secretParts(secret: Buffer): Buffer[] {
  if (secret.length === KEM_SECRET_KEY || secret.length === KEM_SECRET_KEY + X25519) {
    return [secret.subarray(0, 1536), secret.subarray(1536 + 1568 + 32)];
  }
  if (secret.length === TRAFFIC_SECRET_AND_KEY) {
    return [secret.subarray(0, TRAFFIC_SECRET), secret.subarray(TRAFFIC_SECRET)];
  }
  const sig = Object.values(SIG_ALGORITHMS).find(({ secretKeyLength }) => secretKeyLength === secret.length);
  if (sig !== undefined) return [secret.subarray(32, 64), secret.subarray(64 + sig.trLength)];
  return [secret];
}

describe('connections of every suite and of the seed profile', () => {
  it(
    'show no secret, whether they succeed or fail',
    async () => {
      const { status, stdout, stderr, secrets } = await run(FIXTURE);
      expect(status).toBe(0);
      const codes = new Set(
        String(stdout)
          .match(/^scene: .*$/gm)
          ?.flatMap((line) => line.split(': ').at(-1)?.split(', ')),
      );
      expect([...codes]).toEqual(expect.arrayContaining(OUTCOMES));
      expect(String(stderr)).toContain('client has ended: UntrustedError');
      const lengths = new Set(secrets.map(({ length }) => length));
      expect([...lengths].sort((a, b) => a - b)).toEqual([32, 44, 64, 108, 408, 3168, 3200, 4864, 4896]);
      const search = new SecretSearch(secrets.flatMap(secretParts));
      expect(search.size).toBeGreaterThan(100_000);
      expect([search.find(stdout), search.find(stderr)]).toEqual([[], []]);
    },
    TIMEOUT,
  );

  it(
    'show the traffic secrets alone with the key log',
    async () => {
      const { status, stdout, secrets } = await run(FIXTURE, 'keylog');
      expect(status).toBe(0);
      const search = new SecretSearch(secrets.flatMap(secretParts));
      expect(search.find(stdout)).toEqual(['hex']);
      const noted = new Set(secrets.flatMap(secretParts).map((secret) => secret.toString('hex')));
      const lines = [...String(stdout).matchAll(KEY_LOG)];
      expect(lines.filter(([, , secret]) => !noted.has(secret as string))).toEqual([]);
      expect(Math.max(...lines.map(([, generation]) => Number(generation)))).toBeGreaterThan(3);
      const without = String(stdout).replace(KEY_LOG, '');
      expect(search.find(Buffer.from(without))).toEqual([]);
    },
    TIMEOUT,
  );
});

describe('pqsock demo', () => {
  it.each([
    '--json',
    '--json --suite x25519mlkem1024-mldsa87',
    '--json --tamper',
    '--tamper --suite mlkem1024-mldsa87',
    '--json --profile seed',
  ])(
    'shows no secret of its two processes with %s',
    async (options) => {
      const { status, stdout, stderr, secrets } = await run(MAIN, 'demo', '--file', MAIN, ...options.split(' '));
      expect(status).toBe(0);
      expect(readdirSync(folder)).toHaveLength(2);
      const search = new SecretSearch(secrets.flatMap(secretParts));
      expect(search.size).toBeGreaterThan(5000);
      expect([search.find(stdout), search.find(stderr)]).toEqual([[], []]);
    },
    TIMEOUT,
  );
});

describe('the search', () => {
  const secret = Buffer.from('4f00a97cdb2e013bff8e8d2cc0de11e5a4507f00663ad90b9c2f41d7be15e8a3', 'hex');
  const search = new SecretSearch([secret]);
  const around = (text: string | Buffer) =>
    Buffer.concat([Buffer.from('a {b: '), Buffer.from(text), Buffer.from('} c')]);

  it.each<[string, Form, (part: Buffer) => string | Buffer]>([
    ['as they are', 'raw', (part) => part],
    ['as characters', 'text', (part) => part.toString('latin1')],
    ['in hexadecimal', 'hex', (part) => part.toString('hex')],
    ['in capital letters', 'hex', (part) => part.toString('hex').toUpperCase()],
    ['after other digits', 'hex', (part) => `0xf${part.toString('hex')}`],
    ['as a Buffer is inspected', 'hex pairs', (part) => `<Buffer ${part.toString('hex').match(/../g)?.join(' ')}>`],
    ['with colons', 'hex pairs', (part) => part.toString('hex').toUpperCase().match(/../g)?.join(':') ?? ''],
    ['in base64', 'base64', (part) => part.toString('base64')],
    ['in base64url', 'base64', (part) => `x=${part.toString('base64url')}`],
    ['in a longer text of base64', 'base64', (part) => Buffer.concat([Buffer.from('!'), part]).toString('base64')],
    ['as numbers', 'decimal', (part) => part.join(', ')],
    ['as JSON of a Buffer', 'decimal', (part) => JSON.stringify(part)],
    ['as JSON of an array', 'decimal', (part) => JSON.stringify(Uint8Array.from(part))],
    ['as JSON with lines', 'decimal', (part) => JSON.stringify({ part: [...part] }, undefined, 2)],
  ])('finds 8 bytes of a secret %s', (_, form, write) => {
    for (const at of [0, 5, 13, 24]) expect(search.find(around(write(secret.subarray(at, at + 8))))).toContain(form);
  });

  it('finds nothing in 7 bytes, or in others', () => {
    for (const write of [(part: Buffer) => part.toString('hex'), (part: Buffer) => JSON.stringify(part)]) {
      expect(search.find(around(write(secret.subarray(8, 15))))).toEqual([]);
      expect(search.find(around(write(Buffer.from(secret).reverse())))).toEqual([]);
    }
  });
});

/** How the connections of the fixture, and its wrong calls, end: each at least once. */
const OUTCOMES = [
  'ended',
  'PQ_ERR_AUTH_FAILED',
  'PQ_ERR_BAD_RECORD',
  'PQ_ERR_CONTEXT_UNSUPPORTED',
  'PQ_ERR_DECODE',
  'PQ_ERR_FLOOD',
  'PQ_ERR_INVALID_ARGUMENT',
  'PQ_ERR_INVALID_LENGTH',
  'PQ_ERR_INVALID_OPTION',
  'PQ_ERR_INVALID_SECRET_KEY',
  'PQ_ERR_OWN_KEY',
  'PQ_ERR_SECRET_DISPOSED',
  'PQ_ERR_SECRET_EXPOSED',
  'PQ_ERR_TIMEOUT',
  'PQ_ERR_TRUNCATED',
  'PQ_ERR_UNTRUSTED',
  'alert auth_failed',
  'alert bad_record',
  'alert close_by_user',
  'alert decode_error',
  'alert limit_exceeded',
];
