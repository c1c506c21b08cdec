/** Room for the keys of peers that come back. */
import { PEERS_SEEN } from '../limits.js';
import { addon } from '../native/load.js';

/**
 * Sees to it that so many of them have a place, each of 57,344 bytes once it is taken. The places are the whole
 * process's, over all its threads: as many as whoever wants most has asked for.
 */
export function makeRoomForPeers(places: number): void {
  const counts = new Float64Array(4);
  addon.matrixCounts(counts);
  const [, , now = 0] = counts;
  if (places > now) addon.configurePeers(places, places * PEERS_SEEN);
}
