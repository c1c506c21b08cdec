/** One attempt to reach the far end of a tunnel. */
import { connect as connectPlain, type NetConnectOpts } from 'node:net';
import { connect } from '../../index.js';
import type { PlainEndpoint } from '../endpoint.js';
import { opened } from '../opened.js';
import { type End, plainEnd, secureEnd } from './end.js';
import type { TunnelSettings } from './tunnel-settings.js';

/** Milliseconds after which TCP asks a silent peer whether it is still there. */
export const KEEP_ALIVE_DELAY = 60_000;

/**
 * A secure connection is open when both sides are authenticated. What happens to it after that stays in
 * `stream.errored`: a listener may come too late for it.
 *
 * @param signal gives up, and leaves nothing behind; it has no effect on what is open
 */
export async function openFarEnd(settings: TunnelSettings, signal: AbortSignal): Promise<End> {
  const { route, credentials, limits } = settings;
  if (route.role === 'server') return plainEnd(await openPlain(route.to, signal), route.to.scheme);
  const { host, port } = route.to;
  const { idleTimeout, handshakeTimeout } = limits;
  const socket = connect({ ...credentials, host, port, idleTimeout, handshakeTimeout, allowHalfOpen: true });
  return secureEnd(await opened(socket, 'secureConnect', signal));
}

function openPlain(endpoint: PlainEndpoint, signal: AbortSignal) {
  const { scheme: _, ...place } = endpoint;
  const ways = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY, allowHalfOpen: true };
  return opened(connectPlain({ ...place, ...ways } as NetConnectOpts), 'connect', signal);
}
