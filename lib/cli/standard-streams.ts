/** stdin and stdout for data: each holds back who writes, and stdout can end while the process goes on. */
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';

export interface DataStreams {
  readonly input: Readable;
  /** It must not be ended by others than `endOutput`. */
  readonly output: Writable;
  /** Called when all is written: whoever reads it sees the end. */
  readonly endOutput: () => void;
}

export function standardStreams(): DataStreams {
  const { stdin, stdout } = process;
  // Node's own streams for all else take a folder for an empty file, block us while they write, and don't see that
  // only a part of the last piece was written.
  const input: Readable = isPipe(0) || stdin.isTTY ? stdin : createReadStream('', { fd: 0, autoClose: false });
  const output: Writable = isPipe(1) || stdout.isTTY ? stdout : createWriteStream('', { fd: 1, autoClose: false });
  input.on('error', () => {}); // who uses them hears of it
  output.removeAllListeners('error').on('error', () => {});
  return { input, output, endOutput };
}

function isPipe(descriptor: number): boolean {
  const place = fstatSync(descriptor);
  return place.isFIFO() || place.isSocket();
}

/**
 * Node and libuv never close stdout. The pipe may be shared with programs that come after us, who don't expect it to
 * be non-blocking; Node sets that right at its end, but only of what is open then.
 */
function endOutput(): void {
  const { _handle: handle } = process.stdout as Socket & { _handle?: { setBlocking?: (on: boolean) => void } };
  handle?.setBlocking?.(true);
  closeSync(1);
  openSync(devNull, 'w'); // it has the number now, so that nothing else gets it
}
