/** Lines of a key log, in the form that NSS made common. They open a capture: only for looking into one's own. */
import type { LoggedSecret } from '../record/channel.js';

/** `<label> <client random> <secret>` in hex, and the end of the line. PROTOCOL.md, "Key log". */
export function keyLogLine({ sender, generation, secret }: LoggedSecret, clientRandom: Uint8Array): Buffer {
  const label = `PQSOCK_${sender.toUpperCase()}_TRAFFIC_SECRET_${generation}`;
  return Buffer.from(`${label} ${hex(clientRandom)} ${hex(secret)}\n`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
