// @ts-check
/** What a handshake of pqsock puts on the wire, recorded from one: plain TCP then carries as much. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, createServer, Identity } from 'pqsock';
import { HOST, listen } from './transports/listen.mjs';

/** @typedef {import('./transports/plain.mjs').Flight} Flight */

/** @returns {Promise<Flight[]>} of a handshake with the default suite */
export async function recordFlights() {
  const [ours, theirs] = [await Identity.generate(), await Identity.generate()];
  const server = createServer({ identity: theirs, trust: ours.fingerprint });
  const transport = connectTcp({ port: await listen(server), host: HOST, allowHalfOpen: true });
  /** @type {Flight[]} */
  const flights = [];
  const note = (/** @type {Flight['from']} */ from, /** @type {number} */ bytes) => {
    const last = flights.at(-1);
    if (last?.from === from) last.bytes += bytes;
    else flights.push({ from, bytes });
  };
  const write = transport.write.bind(transport);
  transport.write = (/** @type {Uint8Array} */ data, /** @type {any[]} */ ...rest) => {
    note('client', data.length);
    return write(data, ...rest);
  };
  transport.on('data', ({ length }) => note('server', length));
  await once(transport, 'connect');
  const socket = connect({ socket: transport, identity: ours, trust: theirs.fingerprint });
  socket.on('error', () => {}); // it is destroyed below
  await once(server, 'secureConnection');
  const recorded = structuredClone(flights);
  socket.destroy();
  server.closeAllConnections();
  server.close();
  return recorded;
}
