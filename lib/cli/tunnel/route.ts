/** The two endpoints of a tunnel: one is secure, the other plain text, whichever way round. */

import { type Endpoint, formatEndpoint, type PlainEndpoint, type PqEndpoint } from '../endpoint.js';
import { CliError, EXIT_CODES } from '../report.js';

/** A server's takes secure connections, a client's makes them. */
export type Route =
  | { readonly role: 'server'; readonly listen: PqEndpoint; readonly to: PlainEndpoint }
  | { readonly role: 'client'; readonly listen: PlainEndpoint; readonly to: PqEndpoint };

/** @throws CliError unless exactly one of the two is `pq://`: nothing is ever passed on as plain text */
export function routeOf(listen: Endpoint, to: Endpoint): Route {
  if (isPq(listen) && !isPq(to)) return { role: 'server', listen, to };
  if (!isPq(listen) && isPq(to)) return { role: 'client', listen, to };
  const both = `--listen ${formatEndpoint(listen)} and --to ${formatEndpoint(to)}`;
  const what = isPq(listen) ? 'are both pq://: one side must be plain' : 'are both plain: nothing would be secure';
  const hint = 'write pq:// in --listen at the server’s end and in --to at the client’s end';
  throw new CliError(`${both} ${what}`, hint, EXIT_CODES.usage);
}

function isPq(endpoint: Endpoint): endpoint is PqEndpoint {
  return endpoint.scheme === 'pq';
}
