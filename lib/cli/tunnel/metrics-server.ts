/** `--metrics`: what the process does, for Prometheus and for people, and whether it is ready, for balancers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TEXT_FORMAT } from '../../metrics/text-format.js';
import { METRICS_PAGE, METRICS_SCRIPT, METRICS_STYLE } from './metrics-page.js';
import { isLoopback, isOwnHost, type MetricsPlace } from './metrics-place.js';

export interface MetricsSource {
  /** The metrics as they are now. */
  readonly text: () => string;
  /** `ready` if connections are taken; else what it does instead, in a word. */
  readonly state: () => string;
}

export class MetricsServer {
  readonly #server: Server;
  readonly #source: MetricsSource;
  /** Who may be asked for: anybody, if others than this machine reach us. */
  #isAllowed: (host: string) => boolean = () => true;

  constructor(source: MetricsSource) {
    this.#source = source;
    this.#server = createServer(LIMITS, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = CONNECTIONS;
    this.#server.setTimeout(TIMEOUT);
  }

  /** Resolves when it listens, with where it does; rejects with the system's error. */
  async start({ host, port }: MetricsPlace): Promise<AddressInfo> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const at = this.#server.address() as AddressInfo;
    if (isLoopback(at.address)) this.#isAllowed = (name) => isOwnHost(name, { host, port });
    return at;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const find = this.#paths.get(url.split('?', 1)[0] as string);
    const isRead = method === 'GET' || method === 'HEAD';
    if (!this.#isAllowed(headers.host ?? 'localhost')) this.#send(response, 403, TEXT, 'unknown host\n');
    else if (find === undefined) this.#send(response, 404, TEXT, 'not found\n');
    else if (isRead) this.#send(response, ...find());
    else this.#send(response.setHeader('allow', 'GET, HEAD'), 405, TEXT, 'only GET and HEAD\n');
  }

  #send(response: ServerResponse, status: number, type: string, body: string): void {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': length }).end(body);
  }

  readonly #paths = new Map<string, () => [status: number, type: string, body: string]>([
    ['/', () => [200, 'text/html; charset=utf-8', METRICS_PAGE]],
    ['/page.css', () => [200, 'text/css; charset=utf-8', METRICS_STYLE]],
    ['/page.js', () => [200, 'text/javascript; charset=utf-8', METRICS_SCRIPT]],
    ['/metrics', () => [200, TEXT_FORMAT, this.#source.text()]],
    ['/healthz', () => [200, TEXT, 'ok\n']],
    ['/readyz', () => this.#readiness()],
  ]);

  #readiness(): [number, string, string] {
    const state = this.#source.state();
    return [state === 'ready' ? 200 : 503, TEXT, `${state}\n`];
  }
}

const TEXT = 'text/plain; charset=utf-8';

/** Connections at a time: who looks are a few. */
const CONNECTIONS = 64;

/** Milliseconds that a connection may do nothing. */
const TIMEOUT = 10_000;

/** Times in milliseconds, the size in bytes. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

/** Nothing of elsewhere is loaded, and no page of elsewhere shows this one. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
