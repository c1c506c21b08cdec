// @ts-check
/** The figures of a run as a page that needs nothing else: no network, no scripts. */
import { readFileSync } from 'node:fs';
import { Markup, markup } from './markup.mjs';
import { formatNumber } from './scales.mjs';
import { SECTIONS } from './sections.mjs';

/**
 * What `--json` writes.
 *
 * @typedef {object} Figures
 * @property {import('../environment.mjs').Environment} environment
 * @property {string} command
 * @property {Record<string, number>} ratios
 * @property {Record<string, any>} suites
 */

/** What comes first, of what there is: the names of a ratio, and what it is. */
const HEADLINES = [
  {
    names: ['handshake/cpu/pqsock-2/tls-mldsa', 'handshake/cpu/pqsock-2@26/tls-mldsa@26'],
    text: "the server's CPU time of node:tls with ML-DSA-87, for a handshake",
  },
  {
    names: ['handshake/cpu/pqsock-2/tls-ecdsa'],
    text: "the server's CPU time of node:tls with ECDSA P-256, for a handshake",
  },
  {
    names: ['handshake/cpu/pqsock-2/pure-js-2'],
    text: "the server's CPU time of the same handshake in pure JavaScript",
  },
  { names: ['bulk/rate/client-receives/1/pqsock/tls'], text: 'the MB/s of node:tls, one connection' },
  { names: ['memory/idle/pqsock/tls-ecdsa'], text: 'the memory of node:tls, for an idle connection' },
];

/** @param {Figures} figures */
export function makePage({ environment, command, ratios, suites }) {
  const style = new Markup(readFileSync(new URL('style.css', import.meta.url), 'utf8'));
  const { version, liboqs, node, openssl, platform, cpu, cores, load, date } = environment;
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>pqsock ${version}: benchmarks</title>
<style>
${style}</style>
</head>
<body>
<header>
<h1>pqsock and its rivals</h1>
<p class="environment">pqsock ${version} with liboqs ${liboqs}, Node ${node} (OpenSSL ${openssl}), ${platform}; ${cpu}, ${cores} cores, load ${load.toFixed(2)} at the start; ${date.slice(0, 16).replace('T', ' ')} UTC</p>
<p class="environment"><code>${command}</code></p>
<p class="note">All contenders ran by turns in one run. Figures are medians, a thin line is from quartile to quartile, and a bar with a gap is longer than the plot. Absolute figures move from machine to machine; the ratios at the end do less.</p>
</header>
${tiles(ratios)}
${Object.entries(SECTIONS).map(([name, section]) => makeSection(name, section, suites[name]))}
${ratioTable(ratios)}
</body>
</html>
`;
  return page.text;
}

/**
 * @param {string} name
 * @param {import('./sections.mjs').Section} section
 * @param {any} figures
 */
function makeSection(name, { title, note, plots }, figures) {
  if (figures?.rows === undefined) {
    return markup`<section id="${name}"><h2>${title}</h2><p class="note">Not measured in this run.</p></section>
`;
  }
  const { runtime, gaps = [] } = figures;
  const where = runtime === undefined ? '' : ` On Node ${runtime.node} (OpenSSL ${runtime.openssl}).`;
  return markup`<section id="${name}"><h2>${title}</h2><p class="note">${note}${where}</p>
${plots(figures)}${gaps.map((/** @type {string} */ gap) => markup`<p class="note">Missing: ${gap}</p>`)}</section>
`;
}

/** @param {Record<string, number>} ratios */
function tiles(ratios) {
  const found = HEADLINES.flatMap(({ names, text }) => {
    const ratio = names.map((name) => ratios[name]).find((value) => value !== undefined);
    return ratio === undefined ? [] : [{ ratio, text }];
  });
  if (found.length === 0) return '';
  return markup`<div class="tiles">${found.map(
    ({ ratio, text }) => markup`<div class="tile"><b>${formatNumber(ratio)} ×</b><span>${text}</span></div>
`,
  )}</div>`;
}

/** @param {Record<string, number>} ratios */
function ratioTable(ratios) {
  return markup`<section id="ratios"><details><summary>All ${Object.keys(ratios).length} ratios, pqsock over its rival</summary>
<table><tr><th>suite / figure / pqsock / rival</th><th>ratio</th></tr>
${Object.entries(ratios).map(
  ([name, ratio]) => markup`<tr><td>${name}</td><td>${ratio}</td></tr>
`,
)}</table></details></section>`;
}
