/** docs/OPTIONS.md has every option and limit; those of the seed profile alone are in docs/SEED.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectionLimits, serverLimits } from '../../lib/net/limits.js';
import { SECURE_OPTION_NAMES } from '../../lib/net/options.js';

const pages = ['OPTIONS.md', 'SEED.md'].map((name) => readFileSync(join(__dirname, '../../docs', name), 'utf8')).join();

it.each([...SECURE_OPTION_NAMES, ...Object.keys(connectionLimits('client')), ...Object.keys(serverLimits())])(
  'the pages of options name %s',
  (name) => expect(pages).toContain(`\`${name}`),
);
