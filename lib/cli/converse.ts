/** One connection, of which one direction comes from a stream and the other goes to one. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { PqSocket } from '../index.js';
import { CliError, EXIT_CODES, QuietEnd } from './report.js';
import type { DataStreams } from './standard-streams.js';

/**
 * Each direction ends by itself: the input's end goes to the peer, the peer's to the output. A connection that failed
 * never looks to the peer like one that has ended.
 *
 * @param socket open, half open once one side has ended (`allowHalfOpen`)
 * @param signal ends the connection at once
 * @throws the signal's reason; a QuietEnd if nobody reads the output any more; a CliError for a stream that can't be
 *   read or written, and for a connection that was cut off, after what came of it was written
 */
export async function converse(socket: PqSocket, streams: DataStreams, signal: AbortSignal): Promise<void> {
  const { input, output, endOutput } = streams;
  const over = new AbortController();
  const interrupt = (): void => void socket.destroy(signal.reason);
  signal.addEventListener('abort', interrupt, { signal: over.signal });
  if (signal.aborted) interrupt();
  const ended = finished(socket).catch(cutOff);
  const taken = new Promise<void>((resolve) => {
    socket.once('end', () =>
      whenWritten(output, (error) => {
        if (!error) resolve(endOutput());
      }),
    );
  });
  input.pipe(socket);
  socket.pipe(output, { end: false });
  try {
    await Promise.race([
      Promise.all([ended, taken]),
      failureOf(input, over.signal, (code) => unusable(`stdin can't be read: ${code}`)),
      failureOf(output, over.signal, (code) => outputFailure(code, input, socket)),
    ]);
  } catch (error) {
    socket.destroy(error as Error);
    if (signal.aborted) throw signal.reason;
    if (!output.errored) await new Promise<unknown>((resolve) => whenWritten(output, resolve));
    throw error;
  } finally {
    over.abort();
    input.unpipe(socket).pause();
    socket.unpipe(output);
  }
}

/** Called when all that was written until now has been taken, or when that has failed. */
function whenWritten(output: Writable, done: (error?: Error | null) => void): void {
  output.write(NOTHING, done);
}

/** Rejects when the stream fails. */
async function failureOf(stream: Readable | Writable, signal: AbortSignal, make: (code: string) => Error) {
  const [error] = (await once(stream, 'error', { signal })) as [NodeJS.ErrnoException];
  throw make(error.code ?? error.message);
}

function outputFailure(code: string, input: Readable, socket: PqSocket): Error {
  if (code !== 'EPIPE') return unusable(`stdout can't be written: ${code}`);
  const sentAll = input.readableEnded && socket.writableFinished;
  return new QuietEnd('nobody reads stdout any more', sentAll ? EXIT_CODES.ok : EXIT_CODES.unread);
}

function unusable(message: string): CliError {
  return new CliError(message, 'look where it comes from and goes to; not all has passed', EXIT_CODES.file);
}

function cutOff(error: NodeJS.ErrnoException): never {
  const { message, code } = error;
  const hint = 'what came may not be all of it: don’t take it for all';
  throw new CliError(`the connection was cut off: ${message}`, hint, EXIT_CODES.cutOff, code);
}

const NOTHING = Buffer.alloc(0);
