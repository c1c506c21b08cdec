// @ts-check
/**
 * `npm run release:package`: what a release consists of, in build/release/. The tarball, its software bill of materials,
 * their checksums, and what the changelog says. prebuilds/ must have the addons of all platforms, and no other; what else
 * is in the package is held by test/package/contents.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { prebuildPath, TARGETS } from '../native/prebuild-targets.mjs';
import { changesOf } from './release-faults.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDER = join(ROOT, 'build', 'release');

const expected = TARGETS.map(prebuildPath).sort();
const found = addonsOfPackage();
if (!isDeepStrictEqual(found, expected)) {
  process.stderr.write(
    `error: the package would have ${found.join(', ') || 'no addons'}, not ${expected.join(', ')}\n`,
  );
  process.stderr.write('hint: remove prebuilds/, and npm run prebuilds\n');
  process.exit(1);
}
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
npm('pack', '--silent', '--pack-destination', FOLDER);

const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const tarball = `${name}-${version}.tgz`;
const bill = `${name}-${version}.cdx.json`;
copyFileSync(join(ROOT, 'sbom.cdx.json'), join(FOLDER, bill)); // `npm pack` has made it
writeFileSync(join(FOLDER, 'SHA256SUMS'), [tarball, bill].map((file) => `${sha256(file)}  ${file}\n`).join(''));
writeFileSync(join(FOLDER, 'notes.md'), `${changesOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version)}\n`);
process.stdout.write(readFileSync(join(FOLDER, 'SHA256SUMS')));

function addonsOfPackage() {
  /** @type {[{ files: { path: string }[] }]} */
  const [{ files }] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts'));
  const paths = files.map(({ path }) => path).filter((path) => path.startsWith('prebuilds/'));
  return paths.sort();
}

/** @param {string[]} args */
function npm(...args) {
  return execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
}

/** @param {string} file */
function sha256(file) {
  const bytes = readFileSync(join(FOLDER, file));
  return createHash('sha256').update(bytes).digest('hex');
}
