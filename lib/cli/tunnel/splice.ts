/**
 * Joins two streams so that each gets what the other says: the data, in order and held back when it is not taken; the
 * end of one direction, while the other goes on; and a connection that fails, as one that fails.
 */
import type { Duplex } from 'node:stream';
import type { End } from './end.js';

/** Why a connection did not end cleanly. */
export interface SpliceFailure {
  /** The side that failed first; the other was reset because of it. */
  readonly side: 'near' | 'far';
  readonly error: Error;
}

/**
 * Both streams must stay half open (`allowHalfOpen`), and somebody must have listened for their errors until now.
 *
 * @returns once both are closed: undefined if both directions of both came to their end
 */
export async function splice(near: End, far: End): Promise<SpliceFailure | undefined> {
  let failure: SpliceFailure | undefined;
  const fail = (side: SpliceFailure['side'], error: Error): void => {
    failure ??= { side, error };
    near.reset(error);
    far.reset(error);
  };
  const closed = [
    closing(near.stream, (error) => fail('near', error)),
    closing(far.stream, (error) => fail('far', error)),
  ];
  carry(near, far);
  carry(far, near);
  await Promise.all(closed);
  return failure;
}

/** One direction. Its end goes on only once it is known to be one: what has been reset must not look complete. */
function carry(from: End, to: End): void {
  const ended = (): void => {
    from.confirmEnd();
    setImmediate(() => {
      if (from.stream.errored === null && to.stream.writable) to.stream.end();
    });
  };
  from.stream.pipe(to.stream, { end: false });
  if (from.stream.readableEnded) ended();
  else from.stream.once('end', ended);
}

/** Resolves when the stream is closed; a stream that is closed before both its ends has failed. */
function closing(stream: Duplex, fail: (error: Error) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      if (!stream.readableEnded || !stream.writableFinished) fail(stream.errored ?? closedEarly());
      resolve();
    };
    stream.on('error', fail);
    if (stream.closed) process.nextTick(done);
    else stream.once('close', done);
  });
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection was closed before its end'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}
