// @ts-check
/** One side of one rival, in a process of its own; pair.mjs starts it and asks it for what is in `answers` below. */
import { Duty } from './duty.mjs';
import { makeTransport } from './transports/transport.mjs';

/** @typedef {import('./transports/transport.mjs').Duplex} Duplex */

const [transportName = '', settings = '{}'] = process.argv.slice(2);
const transport = makeTransport(transportName, JSON.parse(settings));
const duty = new Duty(transport);

/** @type {Record<string, (argument: any) => unknown>} */
const answers = {
  introduce: () => transport.introduce(),
  listen: ({ introduction, work }) => transport.listen(introduction, duty.serve(work), (error) => duty.fail(error)),
  meet: (invitation) => transport.meet(invitation),
  mark: () => duty.mark(),
  handshakes: (order) => duty.shakeHands(order),
  flow: (order) => duty.flow(order),
  converse: (order) => duty.converse(order),
  exchange: (order) => duty.exchange(order),
  stop: () => duty.stop(),
};

process.on('message', async (/** @type {{ ask: string, argument: unknown }} */ { ask, argument }) => {
  try {
    process.send?.({ answer: await answers[ask]?.(argument) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.stack : String(error) });
  }
});
process.once('disconnect', () => process.exit());
