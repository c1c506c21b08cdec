// @ts-check
/** Data one way, as fast as it goes. */

const BLOCK = Buffer.alloc(64 * 1024, 'pqsock');

// What the kernel takes at once is drained within the same turn of the event loop: other connections must get theirs.
const WRITES_A_TURN = 16;

/**
 * Sends until the connection is closed.
 *
 * @param {import('./transports/transport.mjs').Duplex} socket
 */
export function sendForever(socket) {
  let writes = 0;
  const send = () => {
    do {
      writes += 1;
      if (writes % WRITES_A_TURN === 0) {
        setImmediate(send);
        return;
      }
    } while (socket.writable && socket.write(BLOCK));
  };
  socket.resume(); // so that its end is noticed
  socket.on('drain', send);
  send();
}
