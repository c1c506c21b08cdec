// @ts-check
/** Somebody between a client and a server who changes one frame, or cuts the connection in its place. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * What to do: to the frame of this type (the nth of its sender), or in the seed profile to this field.
 *
 * @typedef {{ from: 'client' | 'server', type?: number, nth?: number, cut?: boolean }} Flip
 */

const SEED_HEADER = 4; // u32 length; the hardened profile has u8 type || u24 length

/**
 * Listens in front of a server; `close` ends all of it.
 *
 * @param {number} port
 * @param {Flip} flip
 */
export async function listenBefore(port, flip) {
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(near, far);
    carry(near, far, flip.from === 'client' ? flip : undefined);
    carry(far, near, flip.from === 'server' ? flip : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: /** @type {import('node:net').AddressInfo} */ (server.address()).port, close };
}

/**
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {Flip | undefined} flip
 */
function carry(from, to, flip) {
  let received = Buffer.alloc(0);
  let seen = 0;
  from.on('error', () => {});
  from.on('end', () => to.end());
  from.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let frame = next(flip, received); frame !== undefined; frame = next(flip, received)) {
      received = received.subarray(frame.length);
      const hit = flip !== undefined && (flip.type ?? frame[0]) === frame[0] && seen++ === (flip.nth ?? 0);
      if (hit && flip.cut) {
        to.end();
        return;
      }
      if (hit) frame[frame.length - 1] = (frame[frame.length - 1] ?? 0) ^ 1;
      if (to.writable) to.write(frame);
    }
  });
}

/**
 * A copy of the first whole frame; all that there is, if nothing is to be done to it.
 *
 * @param {Flip | undefined} flip
 * @param {Buffer} received
 */
function next(flip, received) {
  if (flip === undefined) return received.length === 0 ? undefined : Buffer.from(received);
  if (received.length < SEED_HEADER) return undefined;
  const length = SEED_HEADER + (flip.type === undefined ? received.readUInt32BE(0) : received.readUIntBE(1, 3));
  return received.length < length ? undefined : Buffer.from(received.subarray(0, length));
}
