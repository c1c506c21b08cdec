/** Ends a transport on which an alert is under way. To close it with unread bytes would destroy the alert. */
import type { Duplex } from 'node:stream';
import { LINGER } from '../limits.js';

/**
 * Ends our side, and discards what still comes until the peer has ended its own, for a second at the most. Once both
 * sides have ended a stream destroys itself, and not sooner: the alert may wait behind data.
 */
export function linger(transport: Duplex): void {
  const limit = setTimeout(() => transport.destroy(), LINGER);
  transport.once('close', () => clearTimeout(limit));
  transport.on('data', () => {});
  transport.end();
  transport.resume();
}
