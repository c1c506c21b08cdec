/** An agent for node:http whose connections are ours; requests are made with `http://` addresses. */
import type { ClientRequestArgs, AgentOptions as HttpAgentOptions } from 'node:http';
import type { PqSocket } from '../net/pq-socket.js';
import { type ClientOptions, connectFor, splitOptions } from './client-options.js';

// Not imported: that would take every export of node:http, of which some load more than all of this package does.
const { Agent: HttpAgent } = process.getBuiltinModule('node:http');

/** Those of http.Agent that have a meaning here. */
const HTTP_NAMES = [
  'keepAlive',
  'keepAliveMsecs',
  'maxFreeSockets',
  'maxSockets',
  'maxTotalSockets',
  'scheduling',
  'timeout',
] as const satisfies readonly (keyof HttpAgentOptions)[];

/** `keepAlive` is http.Agent's: whether connections are kept for later requests. */
export type AgentOptions = ClientOptions & Pick<HttpAgentOptions, (typeof HTTP_NAMES)[number]>;

/**
 * Used like http.Agent: `http.get('http://host:7000/', { agent })`. All its connections have the same identity and
 * trust, so that those it keeps alive serve every request to the same place.
 */
export class Agent extends HttpAgent {
  readonly #options: ClientOptions;

  /** @throws PQ_ERR_INVALID_OPTION */
  constructor(options: AgentOptions) {
    const { ours, theirs } = splitOptions(options, HTTP_NAMES);
    super(theirs as HttpAgentOptions);
    this.#options = ours;
  }

  /**
   * What http calls for a connection, with all options of the request: only where to, and the timeout, which
   * net.connect would set, are taken from them.
   *
   * @throws PQ_ERR_INVALID_OPTION
   */
  override createConnection(request: ClientRequestArgs): PqSocket {
    const { host, port, socketPath, timeout } = request;
    const socket = connectFor(this.#options, { host, port, path: socketPath });
    if (timeout) socket.setTimeout(timeout); // http sets another one only
    return socket;
  }
}
