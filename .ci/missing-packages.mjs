// @ts-check
/** Prints the Debian packages of the programs in test/requirements.json that are not there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';

process.env['PATH'] += `${delimiter}/usr/sbin`; // as in test/run.mjs

/** @type {{ check: string, debian: string[] }[]} */
const requirements = JSON.parse(readFileSync(new URL('../test/requirements.json', import.meta.url), 'utf8'));
const missing = requirements.filter(({ check }) => spawnSync('sh', ['-c', check], { stdio: 'ignore' }).status !== 0);
process.stdout.write([...new Set(missing.flatMap(({ debian }) => debian))].join(' '));
