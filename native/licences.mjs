// @ts-check
/** The text of THIRD-PARTY-LICENSES.txt: each component of native/third-party.mjs, and the terms that it comes with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { THIRD_PARTY } from './third-party.mjs';

const RULE = '='.repeat(100);

/**
 * @param {Record<string, string>} folders where the texts lie: `liboqs`, `npm`, `licences`
 * @returns {string}
 */
export function thirdPartyLicences(folders) {
  /** Each text once, with the first component that needs it. @type {Map<string, string>} */
  const seen = new Map();
  const sections = THIRD_PARTY.map(({ name, what, licence, from, in: paths, texts }) => {
    const terms = texts.map((text) => {
      const read = termsOf(text, folders);
      const first = seen.get(read);
      seen.set(read, first ?? name);
      return first === undefined ? read : `(the terms are those under ${first})`;
    });
    return `${name}: ${what}\n${licence}\n${from}\nin ${paths.join(', ')}\n\n${terms.join('\n\n')}\n`;
  });
  return [HEAD, ...sections].join(`\n${RULE}\n`);
}

/**
 * @param {string} text
 * @param {Record<string, string>} folders
 */
function termsOf(text, folders) {
  const [, folder = '', path = '', comment] = /^(\w+)\/(.*?)(#?)$/.exec(text) ?? [];
  const content = readFileSync(join(folders[folder] ?? '', path), 'utf8').replaceAll('\r\n', '\n');
  return (comment === '' ? content : firstComment(content)).trim();
}

/** @param {string} source of C or assembler */
function firstComment(source) {
  const [block = ''] = /^(\s*\/\*[\s\S]*?\*\/|\s*(\/\/|# |#\n)[^\n]*\n)+/.exec(source) ?? [];
  if (block === '') throw new Error(`no comment at the beginning of ${source.slice(0, 80)}`);
  return block.replaceAll(/^[ \t]*(\/\*+|\*+\/|\/{2,3}|\*|#)[ \t]?/gm, '').replaceAll(/[ \t]*\*\/$/gm, '');
}

const HEAD = `What is in this package under terms of its own. pqsock itself is under LICENSE. The packages that npm installs beside it
(commander, node-gyp-build, smol-toml) bring theirs.
`;
