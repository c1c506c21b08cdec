/** Files of trusted keys, in a folder of their own. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fingerprint of no key. */
export function someFingerprint(label = 'dilithium5'): string {
  return `pqsock1:${label}:${randomBytes(32).toString('base64url')}`;
}

export class TrustFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'pqsock-trust-'));

  file(name = 'trusted'): string {
    return join(this.path, name);
  }

  /** Writes a file, as its owner alone may do. */
  write(text: string | Uint8Array, name?: string): string {
    const path = this.file(name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Makes a file look as old as that. */
  age(path: string, milliseconds: number): void {
    const then = (Date.now() - milliseconds) / 1000;
    utimesSync(path, then, then);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
