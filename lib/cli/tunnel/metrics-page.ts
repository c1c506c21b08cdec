/** The page that `--metrics` shows: it asks for the metrics every second, and loads nothing of elsewhere. */

export const METRICS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pqsock tunnel</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<header><h1>pqsock tunnel</h1><span id="state" class="badge">…</span><span id="uptime"></span></header>
<main>
<section id="tiles" class="wide"></section>
<section class="wide"><h2>Tunnels</h2><table id="tunnels"></table></section>
<section><h2>Handshakes</h2><table id="handshakes"></table></section>
<section><h2>Bytes</h2><table id="bytes"></table></section>
<section><h2>Lattice operations</h2><table id="operations"></table></section>
<section><h2>Errors</h2><table id="errors"></table></section>
</main>
<footer><a href="/metrics">/metrics</a> <a href="/readyz">/readyz</a> <a href="/healthz">/healthz</a></footer>
<noscript>The figures need JavaScript; /metrics has them as text.</noscript>
</body>
</html>
`;

export const METRICS_STYLE = `:root { color-scheme: light dark; --line: #8885; --soft: #888; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1.25rem; }
header { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: .95rem; margin: 0 0 .4rem; }
#uptime, footer { color: var(--soft); }
.badge { padding: .1rem .6rem; border-radius: 1rem; color: #fff; background: #a33; }
.badge.ready { background: #27743f; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; margin: 1rem 0; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; overflow-x: auto; }
section.wide { grid-column: 1 / -1; }
#tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem; }
.tile span { display: block; color: var(--soft); font-size: .85rem; }
.tile b { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile svg { display: block; width: 100%; height: 1.6rem; }
polyline { fill: none; stroke: #3b7dd8; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { font-weight: normal; color: var(--soft); font-size: .85rem; }
th, td { text-align: right; padding: .1rem 0 .1rem .75rem; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
`;

export const METRICS_SCRIPT = String.raw`'use strict';
const element = (id) => document.getElementById(id);
const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));

/** The samples of a text of metrics. */
function parse(text) {
  const lines = text.split('\n').map((line) => LINE.exec(line)).filter((found) => found !== null);
  return lines.map(([, name, labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, quoted]) => [key, unescaped(quoted)])),
    value: Number(value.replace('Inf', 'Infinity')),
  }));
}

/** Those of a family that have some labels. */
const find = (samples, name, labels = {}) =>
  samples.filter((one) => one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text));
const total = (samples, name, labels) => find(samples, name, labels).reduce((sum, { value }) => sum + value, 0);

/** The bound of the bucket in which a quantile of the handshakes is. */
function duration(samples, quantile) {
  const buckets = find(samples, 'pqsock_handshake_duration_seconds_bucket');
  const counts = new Map();
  for (const { labels, value } of buckets) counts.set(labels.le, (counts.get(labels.le) ?? 0) + value);
  const all = counts.get('+Inf') ?? 0;
  const bucket = [...counts].find(([, count]) => all > 0 && count >= quantile * all)?.[0];
  if (bucket === undefined) return '–';
  return bucket === '+Inf' ? '> 10 s' : '≤ ' + seconds(Number(bucket));
}

const round = (number) => (number >= 100 || Number.isInteger(number) ? Math.round(number).toLocaleString('en') : number.toPrecision(2));
const seconds = (number) => (Number.isNaN(number) ? '–' : number < 1 ? round(1000 * number) + ' ms' : round(number) + ' s');
function bytes(number) {
  const power = number < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(number) / 10));
  return (power === 0 ? round(number) : (number / 1024 ** power).toFixed(1)) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB'][power];
}
function span(number) {
  const [days, hours, minutes] = [number / 86400, (number / 3600) % 24, (number / 60) % 60].map(Math.floor);
  return 'up ' + (days > 0 ? days + ' d ' + hours + ' h' : hours > 0 ? hours + ' h ' + minutes + ' min' : minutes > 0 ? minutes + ' min' : Math.floor(number) + ' s');
}

function make(name, content, attributes = {}) {
  const made = document.createElementNS(name === 'svg' || name === 'polyline' ? 'http://www.w3.org/2000/svg' : 'http://www.w3.org/1999/xhtml', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat());
  return made;
}

function table(id, head, rows) {
  const body = rows.length > 0 ? rows : [['none', ...head.slice(1).map(() => '')]];
  element(id).replaceChildren(
    make('tr', head.map((text) => make('th', text))),
    ...body.map((row) => make('tr', row.map((text) => make('td', String(text))))),
  );
}

/** The last values of what is drawn. */
const drawn = new Map();
function line(name, value) {
  const values = [...(drawn.get(name) ?? []), value].slice(-60);
  drawn.set(name, values);
  const most = Math.max(...values, 1e-9);
  const points = values.map((one, i) => (i + 60 - values.length) + ',' + (20 - (19 * one) / most)).join(' ');
  return make('svg', make('polyline', '', { points }), { viewBox: '0 0 59 21', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
}

let before;
function show(samples, now) {
  const rate = (name, labels) =>
    before === undefined ? 0 : Math.max(0, total(samples, name, labels) - total(before.samples, name, labels)) / ((now - before.now) / 1000);
  const connections = (state) => total(samples, 'pqsock_connections', { state });
  const late = (quantile) => find(samples, 'pqsock_event_loop_delay_seconds', { quantile })[0]?.value ?? NaN;
  const handshakes = rate('pqsock_handshakes_total');
  const [received, sent] = ['received', 'sent'].map((direction) => rate('pqsock_data_bytes_total', { direction }));
  const tile = (name, label, value, ...drawing) =>
    make('div', [make('span', label), make('b', String(value), { id: name }), ...drawing], { class: 'tile' });
  element('tiles').replaceChildren(
    tile('open', 'connections open', round(connections('open')), line('open', connections('open'))),
    tile('pending', 'handshakes pending', round(connections('pending')), line('pending', connections('pending'))),
    tile('handshake-rate', 'handshakes a second', round(handshakes), line('handshakes', handshakes)),
    tile('received', 'received a second', bytes(received), line('received', received)),
    tile('sent', 'sent a second', bytes(sent), line('sent', sent)),
    tile('duration', 'handshake, median', duration(samples, 0.5)),
    tile('duration-95', 'handshake, 95 %', duration(samples, 0.95)),
    tile('delay', 'loop late, 99 %', seconds(late('0.99'))),
    tile('delay-most', 'loop late, most', seconds(late('1'))),
  );
  table('tunnels', ['tunnel', 'open', 'waiting', 'completed', 'failed', 'refused', 'up', 'down'],
    find(samples, 'pqsock_tunnel_accepted_total').map(({ labels: { tunnel } }) => [
      tunnel,
      ...['open', 'waiting'].map((state) => round(total(samples, 'pqsock_tunnel_connections', { tunnel, state }))),
      ...['completed', 'failed', 'refused'].map((result) => round(total(samples, 'pqsock_tunnel_ended_total', { tunnel, result }))),
      ...['up', 'down'].map((direction) => bytes(total(samples, 'pqsock_tunnel_bytes_total', { tunnel, direction }))),
    ]));
  table('handshakes', ['role', 'result', 'suite', 'count'],
    find(samples, 'pqsock_handshakes_total').map(({ labels: { role, result, suite }, value }) => [role, result, suite, round(value)]));
  table('bytes', ['role', 'direction', 'data', 'wire'],
    find(samples, 'pqsock_data_bytes_total').map(({ labels, value }) => [labels.role, labels.direction, bytes(value), bytes(total(samples, 'pqsock_wire_bytes_total', labels))]));
  table('operations', ['operation', 'count'],
    find(samples, 'pqsock_operations_total').map(({ labels, value }) => [labels.operation, round(value)]));
  table('errors', ['role', 'code', 'count'],
    find(samples, 'pqsock_errors_total').map(({ labels, value }) => [labels.role, labels.code, round(value)]));
  element('uptime').textContent = span(Date.now() / 1000 - total(samples, 'process_start_time_seconds'));
}

async function poll() {
  let answers;
  try {
    answers = await Promise.all(['/metrics', '/readyz'].map(async (path) => (await fetch(path)).text()));
  } catch {} // it has ended, or is not there yet
  setTimeout(poll, 1000);
  const state = answers === undefined ? 'not reached' : answers[1].trim();
  element('state').textContent = state;
  element('state').className = state === 'ready' ? 'badge ready' : 'badge';
  if (answers === undefined) return;
  const [samples, now] = [parse(answers[0]), performance.now()];
  show(samples, now);
  before = { samples, now };
}
poll();
`;
