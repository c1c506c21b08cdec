/** Where a connection comes from, for the log. */
import { formatAddress } from './endpoint.js';

/** What knows where it comes from. */
type Origin = { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined };

export function originOf({ remoteAddress, remotePort }: Origin): string {
  return remoteAddress === undefined ? 'a Unix socket' : formatAddress(remoteAddress, remotePort ?? 0);
}
