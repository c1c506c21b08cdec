// @ts-check
/** The same clients and the same service for all tunnels, which lie between them. */
import { plainTcp } from '../connections/contenders.mjs';
import { withPairs } from '../connections/pair.mjs';

/**
 * @typedef {import('./contenders.mjs').Contender} Contender
 * @typedef {import('../connections/pair.mjs').Pair} Pair the clients and the service
 * @typedef {{ contender: Contender, pair: Pair, tunnel: import('./two-ends.mjs').Tunnel }} Line
 */

/**
 * Starts clients, a service, and all tunnels between them, has work done with them, and ends them.
 *
 * @template T
 * @param {Contender[]} contenders
 * @param {import('../connections/pair.mjs').Conditions} conditions
 * @param {(lines: Line[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withLines(contenders, conditions, use) {
  return withPairs([plainTcp([])], conditions, async (pairs) => {
    const [pair] = /** @type {[Pair]} */ (pairs);
    const lines = await Promise.all(
      contenders.map(async (contender) => {
        const tunnel = await contender.start(pair.invitation.port, conditions);
        return { contender, pair, tunnel };
      }),
    );
    try {
      return await use(lines);
    } finally {
      for (const { tunnel } of lines) tunnel.end();
    }
  });
}
