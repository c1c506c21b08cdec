// @ts-check
/**
 * Puts the types that the package publishes into dist/types/: those of its entry points, and of what these name. The
 * rest of dist/ may be left over from modules that are no more.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');

rmSync(join(DIST, 'types'), { recursive: true, force: true });
/** Grows while it is gone through. */
const files = new Set(['index.d.ts', 'oqs.d.ts']);
for (const file of files) {
  const text = readFileSync(join(DIST, file), 'utf8');
  for (const [, target = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)) {
    files.add(normalize(join(dirname(file), `${target}.d.ts`)));
  }
  mkdirSync(dirname(join(DIST, 'types', file)), { recursive: true });
  cpSync(join(DIST, file), join(DIST, 'types', file));
}
