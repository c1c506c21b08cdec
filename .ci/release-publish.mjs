// @ts-check
/** `npm run release:publish`: makes the release on GitHub of what `npm run release:package` made, with its notes. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../build/release/', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const files = readdirSync(FOLDER).filter((file) => file !== 'notes.md');
const notes = ['--title', version, '--notes-file', join(FOLDER, 'notes.md')];
const args = ['release', 'create', `v${version}`, '--verify-tag', ...notes, ...files.map((file) => join(FOLDER, file))];
execFileSync('gh', args, { stdio: 'inherit' });
