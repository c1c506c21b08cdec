/** Ends a transport on which an alert is under way. To close it with unread bytes would destroy the alert. */
import type { Duplex } from 'node:stream';
import { LINGER } from '../limits.js';

/** Ends our side, and discards what still comes until the peer has ended its own, for a second at the most. */
export function linger(transport: Duplex): void {
  if (transport.readableEnded) {
    transport.end(() => transport.destroy());
    return;
  }
  const limit = setTimeout(() => transport.destroy(), LINGER);
  transport.once('end', () => transport.destroy());
  transport.once('close', () => clearTimeout(limit));
  transport.on('data', () => {});
  transport.end();
  transport.resume();
}
