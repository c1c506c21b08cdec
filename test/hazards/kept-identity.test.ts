/** That nothing of a key is left in a process that has read it from a file, written it and let go of it. */
import { spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, writeIdentity } from '../../lib/index.js';

const PASSPHRASE = 'correct horse';
const FIXTURE = join(__dirname, 'kept-identity.mjs');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

// Only Linux shows a process's memory as a file.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux.each(['Dilithium5', 'ML-DSA-87'] as const)('an identity of %s in a file', (algorithm) => {
  it('leaves nothing in memory once it is disposed of', async () => {
    const seed = randomBytes(32);
    const identity = Identity.from({ algorithm, seed });
    await writeIdentity(join(folder, 'given.pem'), identity, { passphrase: PASSPHRASE });
    const child = spawn(process.execPath, ['--expose-gc', FIXTURE, folder, PASSPHRASE], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      expect(String(await once(child.stdout, 'data'))).toBe('held\n');
      const wanted = secretsOf(identity, seed);
      expect(foundIn(child.pid as number, wanted)).toEqual(expect.arrayContaining(['seed', 'K', 's1']));
      child.stdin.write('\n');
      expect(String(await once(child.stdout, 'data'))).toBe('disposed\n');
      expect(foundIn(child.pid as number, wanted)).toEqual([]);
    } finally {
      child.kill();
    }
  });
});

/**
 * Pieces that are found nowhere by chance, of what malloc does not write to when it takes memory back; the keys of both files, and PEM without a
 * passphrase, too.
 */
function secretsOf(identity: Identity, seed: Buffer): Record<string, Buffer> {
  const secretKey = Identity.secretKeyOf(identity).export();
  const pem = readFileSync(join(folder, 'plain.pem'));
  return {
    seed: seed.subarray(16),
    K: secretKey.subarray(34, 54),
    s1: secretKey.subarray(200, 220),
    t0: secretKey.subarray(-40, -20),
    PEM: pem.subarray(pem.length - 26 - 4 - 20).subarray(0, 20),
    'key of the file that was read': keyOf('given.pem').subarray(16),
    'key of the file that was written': keyOf('encrypted.pem').subarray(16),
  };
}

function keyOf(file: string): Buffer {
  const lines = readFileSync(join(folder, file), 'latin1').split('\n').slice(1, -2);
  const der = Buffer.from(lines.join(''), 'base64');
  const salt = der.indexOf(Buffer.from('0410', 'hex')); // the first OCTET STRING of 16 bytes
  return pbkdf2Sync(PASSPHRASE, der.subarray(salt + 2, salt + 18), 600_000, 32, 'sha256');
}

/** The names of those that stand anywhere in what the process can write. */
function foundIn(pid: number, wanted: Record<string, Buffer>): string[] {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const found = new Set<string>();
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
      const [, from = '0', to = '0'] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      for (let at = Number.parseInt(from, 16); at < Number.parseInt(to, 16); at += PIECE) {
        const length = Math.min(PIECE + OVERLAP, Number.parseInt(to, 16) - at);
        const bytes = piece(memory, at, length);
        for (const [name, secret] of Object.entries(wanted)) if (bytes.includes(secret)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found];
}

/** Nothing, where the system has no memory behind the address. */
function piece(memory: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, length, at));
  } catch {
    return bytes.subarray(0, 0);
  }
}

const PIECE = 1 << 22;
const OVERLAP = 64;
