/** How a connection ends, as its application hears of it. */
import type { Duplex } from 'node:stream';

export interface Fate {
  /** Its last events, in their order; 'error' and 'close' twice would be here twice. */
  readonly events: string[];
  readonly data: Buffer;
  readonly error: (Error & { code?: string; alert?: string }) | undefined;
}

/** Reads a stream to its 'close', and a little longer: nothing may come after it. */
export async function fateOf(socket: Duplex): Promise<Fate> {
  const events: string[] = [];
  const data: Buffer[] = [];
  let error: Fate['error'];
  socket.on('data', (chunk: Buffer) => void data.push(chunk));
  for (const event of ['end', 'finish', 'close']) socket.on(event, () => void events.push(event));
  socket.on('error', (reason) => {
    events.push('error');
    error = reason;
  });
  await new Promise((resolve) => void socket.once('close', resolve));
  await new Promise(setImmediate);
  return { events, data: Buffer.concat(data), error };
}
