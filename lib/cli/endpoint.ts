/** Where a tunnel listens and where it goes to: `pq://host:port`, `tcp://host:port` or `unix:/path`. */
import { isIPv4, isIPv6 } from 'node:net';
import { CliError, EXIT_CODES } from './report.js';

/** A TCP port. */
interface PortEndpoint<Scheme> {
  readonly scheme: Scheme;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A Unix socket. */
interface PathEndpoint {
  readonly scheme: 'unix';
  readonly path: string;
}

/** Where our protocol is spoken. */
export type PqEndpoint = PortEndpoint<'pq'>;
/** Where data goes as it is. */
export type PlainEndpoint = PortEndpoint<'tcp'> | PathEndpoint;
export type Endpoint = PqEndpoint | PlainEndpoint;

/** What an endpoint is for: port 0, any that is free, can only be listened on. */
export type EndpointUse = 'listen' | 'to';

/**
 * There is one way to write each endpoint. What has no scheme is refused, as it could mean plain text.
 *
 * @throws CliError that says what to write
 */
export function parseEndpoint(text: string, use: EndpointUse): Endpoint {
  if (text.startsWith('unix:')) return { scheme: 'unix', path: parsePath(text, text.slice('unix:'.length)) };
  const [, scheme, host, port] = /^(pq|tcp):\/\/(\[[^\]]*\]|[^:[\]]*):(\d+)$/.exec(text) ?? [];
  if (scheme === undefined || host === undefined || port === undefined) throw refused(text, 'is no endpoint');
  return { scheme: scheme as 'pq' | 'tcp', host: parseHost(text, host), port: parsePort(text, port, use) };
}

/** As {@link parseEndpoint} takes it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.scheme === 'unix') return `unix:${endpoint.path}`;
  return `${endpoint.scheme}://${formatAddress(endpoint.host, endpoint.port)}`;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const FORMS =
  'write pq://host:port, tcp://host:port or unix:/path; an IPv6 address goes into brackets: pq://[::1]:7443';

/** The last part of a name must not be a number: what looks like an address is one, or nothing. */
const NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Bytes of sun_path without its final zero; the system would cut off what is longer. */
const PATH_MAX = process.platform === 'linux' ? 107 : 103;

function parseHost(text: string, host: string): string {
  const address = host.startsWith('[') ? host.slice(1, -1) : undefined;
  if (address === undefined ? isIPv4(host) || NAME.test(host) : isIPv6(address)) return address ?? host;
  throw refused(text, `has no host: ${JSON.stringify(host)} is neither a name nor an address`);
}

function parsePort(text: string, digits: string, use: EndpointUse): number {
  const port = Number(digits);
  if (port > 65_535 || String(port) !== digits) throw refused(text, `has no port: ${digits}`);
  if (port > 0 || use === 'listen') return port;
  throw refused(text, 'has port 0, on which nobody listens');
}

function parsePath(text: string, path: string): string {
  if (!path.startsWith('/') || path.startsWith('//')) throw refused(text, 'has no path that begins with one /');
  if (path.endsWith('/') || path.includes('\0')) throw refused(text, 'has a path that is none of a socket');
  const { length } = Buffer.from(path);
  if (length <= PATH_MAX) return path;
  throw refused(text, `has a path of ${length} bytes: sockets can have ${PATH_MAX}`);
}

function refused(text: string, what: string): CliError {
  return new CliError(`${JSON.stringify(text)} ${what}`, FORMS, EXIT_CODES.usage);
}
