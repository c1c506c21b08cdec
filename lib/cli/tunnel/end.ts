/** One end of a tunnel's connection: a stream, and the way to end it so that nobody takes that for a clean end. */
import type { Socket } from 'node:net';
import type { PqSocket } from '../../index.js';

export interface End {
  readonly stream: Socket | PqSocket;
  /** After 'end': if that was no clean end, `stream.errored` is set before the next turn of the event loop. */
  confirmEnd(): void;
  /** Ends it at once; may be called more than once. What was written and is not sent yet may be lost. */
  reset(error: Error): void;
}

/** A secure connection. The peer gets an alert, or, if it takes nothing, an end without CLOSE. */
export function secureEnd(stream: PqSocket): End {
  return { stream, confirmEnd: () => {}, reset: (error) => void stream.destroy(error) };
}

/** A plain TCP connection, whose peer gets a RST. A Unix socket has nothing of the kind: it is closed. */
export function plainEnd(stream: Socket, scheme: 'tcp' | 'unix'): End {
  if (scheme === 'unix') return { stream, confirmEnd: () => {}, reset: () => void stream.destroy() };
  return { stream, confirmEnd: () => probe(stream), reset: () => resetTcp(stream) };
}

/**
 * To libuv a RST that comes together with data is the end of the data (uv__stream_io). But then nothing can be written
 * any more, not even no bytes, while after a FIN that does no harm. Once our own side has ended there is no telling.
 */
function probe(socket: Socket): void {
  if (socket.writable) socket.write(NOTHING);
}

const NOTHING = Buffer.alloc(0);

/**
 * While a FIN is on its way to the kernel a socket can't be reset, and would stay open for good; that takes no longer
 * than to the next turn of the event loop, as nothing is before it any more.
 */
function resetTcp(socket: Socket): void {
  if (socket.destroyed) return;
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (ending) socket.once('finish', () => resetTcp(socket));
  else socket.resetAndDestroy();
}
