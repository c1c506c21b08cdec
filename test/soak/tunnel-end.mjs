// @ts-check
/** One end of a tunnel, in a process of its own. */

import { Tunnel } from '../../dist/cli/tunnel/tunnel.js';
import { DEFAULT_LIMITS } from '../../dist/cli/tunnel/tunnel-settings.js';
import { Identity, operationCounts } from '../../dist/index.js';
import { answer } from './answer.mjs';
import { peakRss, read } from './gauge.mjs';

const HOST = '127.0.0.1';

const identity = await Identity.generate();
/** @type {Tunnel | undefined} */
let tunnel;

answer({ fingerprint: () => identity.fingerprint, open, measure });

/**
 * Takes connections that go on to a port, and says where.
 *
 * @param {{ role: 'client' | 'server', trust: string, to: number }} argument
 */
async function open({ role, trust, to }) {
  const [plain, secure] = [/** @type {const} */ ('tcp'), /** @type {const} */ ('pq')];
  const own = { credentials: { identity, trust }, limits: DEFAULT_LIMITS, acceptProxy: false, sendProxy: false };
  const at = (/** @type {number} */ port) => ({ host: HOST, port });
  /** @type {import('../../dist/cli/tunnel/route.js').Route} */
  const route =
    role === 'server'
      ? { role, listen: { scheme: secure, ...at(0) }, to: { scheme: plain, ...at(to) } }
      : { role, listen: { scheme: plain, ...at(0) }, to: { scheme: secure, ...at(to) } };
  tunnel = new Tunnel({ name: role, route, ...own }, () => {});
  await tunnel.start();
  return /** @type {{ port: number }} */ (tunnel.listensAt).port;
}

/** Begins a new peak. */
async function measure() {
  const { open = 0, waiting = 0, ...counts } = tunnel?.counts ?? {};
  return {
    ...(await read()),
    peak: { rss: peakRss() },
    underWay: open + waiting,
    counts,
    operations: operationCounts(),
  };
}
