// @ts-check
/** Writes the table into docs/PLATFORMS.md, between two marks; the rest of the page is people's. */
import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- made by npm run test:platforms -->';
const END = '<!-- until here -->';

/**
 * @param {string} file
 * @param {import('./run.mjs').Outcome[]} outcomes
 */
export function writeDocument(file, outcomes) {
  const text = readFileSync(file, 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`${file} has no place for the table`);
  const head = ['target', 'runtime', 'installed and run with', 'result'];
  const lines = [head, head.map(() => '---'), ...outcomes.map(cells)].map((row) => `| ${row.join(' | ')} |`);
  writeFileSync(file, `${text.slice(0, before)}${BEGIN}\n${lines.join('\n')}\n${text.slice(after)}`);
}

/** @param {import('./run.mjs').Outcome} outcome */
function cells({ target, runtime, how, ok, result }) {
  return [target, runtime, how, `${ok ? '' : 'failed: '}${result.split('\n')[0]}`];
}
