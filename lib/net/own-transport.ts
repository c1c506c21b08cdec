/** A connection that this package opens itself: it reads into memory that all of them share, and lends what it read. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** What the event has that comes instead of 'data'. The chunk is there only until the listener returns. */
export const LENT = 'lent';

/** Bytes that are read at once: as many records in a call, and few enough to stay in the processor's cache. */
const READ = 256 * 1024;

/** One for all connections of this thread: what was read is taken before anything else is. */
let memory: Buffer | undefined;

/** Whether bytes are of a chunk that is only lent. */
export function isLent(bytes: Uint8Array): boolean {
  return bytes.buffer === memory?.buffer;
}

/** The transport stays half open, so that records that are under way in our direction are not cut off. */
export function openOwnTransport(where: { port: number; host?: string | undefined } | { path: string }): Socket {
  memory ??= Buffer.allocUnsafeSlow(READ);
  const lend = (length: number, chunk: Uint8Array): boolean => socket.emit(LENT, chunk.subarray(0, length));
  const onread = { buffer: memory, callback: lend };
  const socket = connect({ ...where, noDelay: true, allowHalfOpen: true, onread } as NetConnectOpts);
  return socket;
}
