// @ts-check
/** Peers that ask for data and never read it, and what that costs the server and the others. */
import { inMib, MIB } from './figures.mjs';

/**
 * Chunks of 64 KiB: one is being sealed, one waits for that, two wait in the application's stream; and one is sealed, in
 * a block that could hold two.
 */
const BYTES_EACH = 4 * 65_536 + 135_168;

/** How much longer it may take others: they share the machine with whatever else is on it. */
const SLOWER = 5;

const OTHERS = 10;

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function notReading(stage, { short }) {
  const [peers, total] = short ? [20, 64 * MIB] : [100, 1024 * MIB];
  const bytes = Math.ceil(total / OTHERS);
  const [idle, others] = [stage.start('clients.mjs'), stage.start('clients.mjs')];
  const trusted = await Promise.all([idle, others].map((actor) => actor.ask('fingerprint')));
  const { subject, honest, before } = await stage.serve({ trusted, does: 'send', bytes });
  const download = { port: honest.port, times: OTHERS, bytes };
  const alone = await others.ask('download', download);
  const began = performance.now();
  await idle.ask('stall', { port: honest.port, times: peers });
  const beside = await others.ask('download', download);
  const full = await subject.ask('measure');
  await idle.ask('leave');
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('not reading', `${peers}, and ${OTHERS} take ${inMib(total)}`, seconds, before, full.peak.rss, after);

  const [held, allowed] = [full.heap - before.heap, peers * BYTES_EACH];
  const each = `${(held / peers / 1024).toFixed(0)} KiB each`;
  stage.expect(`they hold ${inMib(held)}, of ${inMib(allowed)}: ${each}`, held <= allowed && held > peers * 65_536);
  stage.expect(`${beside.right} of ${OTHERS} others have got the right data`, beside.right === OTHERS);
  const [took, usual] = [beside.elapsed, alone.elapsed].map((elapsed) => (elapsed / 1000).toFixed(1));
  stage.expect(`in ${took} s; alone ${usual} s`, beside.elapsed <= SLOWER * alone.elapsed);
  stage.expectStart(before, after);
}
