/** Waits until a connection is open, or leaves nothing behind. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/**
 * What happens to it after that stays in `stream.errored`: a listener may come too late for it.
 *
 * @param signal gives up; it has no effect on what is open
 */
export async function opened<T extends Duplex>(stream: T, event: string, signal: AbortSignal): Promise<T> {
  stream.on('error', () => {});
  try {
    await once(stream, event, { signal });
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
