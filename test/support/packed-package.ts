/** The package as it is published, but with the addon of this host alone. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** How long it takes where nothing has been made yet: the addon is compiled as it ships. In milliseconds. */
export const PACKING_TIME = 600_000;

/** The path of the tarball, which `npm install` takes. */
export function packedPackage(): string {
  const script = join(__dirname, '../../native/pack-for-host.mjs');
  return execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
