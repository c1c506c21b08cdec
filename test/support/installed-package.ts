/** The packed package, unpacked as an installer would, in a folder of its own; what it depends on is linked. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedPackage } from './packed-package.js';

const NEEDED = ['commander', 'node-gyp-build', 'smol-toml'];

export interface InstalledPackage {
  /** An application's folder: `import 'pqsock'` works in it. */
  readonly folder: string;
  /** Where the package itself is. */
  readonly path: string;
  remove(): void;
}

/** @param linked further packages of our own `node_modules` that the application has */
export function installPackage(...linked: readonly string[]): InstalledPackage {
  const tarball = packedPackage(); // before there is a folder, which would stay if this fails
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pqsock-installed-')));
  const path = join(folder, 'node_modules/pqsock');
  mkdirSync(path, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', path]);
  for (const name of [...NEEDED, ...linked]) {
    symlinkSync(join(__dirname, '../../node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  return { folder, path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
