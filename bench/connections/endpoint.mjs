// @ts-check
/** One side of one rival, in a process of its own; pair.mjs starts it and asks it for what is below. */
import { answer } from '../child.mjs';
import { Duty } from './duty.mjs';
import { takeStock } from './memory.mjs';
import { Relay } from './relay.mjs';
import { makeTransport } from './transports/transport.mjs';
import { watch } from './watch.mjs';

/** @typedef {import('./transports/transport.mjs').Duplex} Duplex */

const [transportName = '', settings = '{}'] = process.argv.slice(2);
const transport = makeTransport(transportName, JSON.parse(settings));
const duty = new Duty(transport);
/** @type {{ port: number }} */
let invitation;
/** @type {Relay | undefined} */
let relay;

answer({
  introduce: () => transport.introduce(),
  listen: ({ introduction, work }) => transport.listen(introduction, duty.serve(work), (error) => duty.fail(error)),
  meet: (received) => {
    invitation = received;
    transport.meet(invitation);
  },
  mark: () => duty.mark(),
  stock: () => takeStock(),
  watch: (order) => watch(order),
  handshakes: (order) => duty.shakeHands(order),
  flow: (order) => duty.flow(order),
  converse: (order) => duty.converse(order),
  exchange: (order) => duty.exchange(order),
  stop: () => duty.stop(),
  stall,
});

/**
 * As a client: begins handshakes that get stuck, so many in all.
 *
 * @param {{ more: number, handshakes: number }} order
 */
async function stall({ more, handshakes }) {
  if (relay === undefined) {
    relay = new Relay();
    transport.meet({ ...invitation, port: await relay.listen(invitation.port) });
  }
  for (let i = 0; i < more; ++i) transport.open(() => {}).on('error', (error) => duty.fail(error));
  await relay.settled(handshakes);
}
