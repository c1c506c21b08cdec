/** Lines of a key log, in the form that NSS made common. They open a capture: only for looking into one's own. */
import type { EventEmitter } from 'node:events';
import type { LoggedSecret } from '../record/channel.js';

/**
 * Emits 'keylog' with a line, which is made only if somebody listens. What a listener throws is the application's own:
 * it must not end the session that is about to use the secret.
 */
export function emitKeyLog(socket: EventEmitter, secret: LoggedSecret, clientRandom: Uint8Array): void {
  if (socket.listenerCount('keylog') === 0) return;
  try {
    socket.emit('keylog', keyLogLine(secret, clientRandom));
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** `<label> <client random> <secret>` in hex, and the end of the line. PROTOCOL.md, "Key log". */
function keyLogLine({ sender, generation, secret }: LoggedSecret, clientRandom: Uint8Array): Buffer {
  const label = `PQSOCK_${sender.toUpperCase()}_TRAFFIC_SECRET_${generation}`;
  return Buffer.from(`${label} ${hex(clientRandom)} ${hex(secret)}\n`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
