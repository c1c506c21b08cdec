/** Names and addresses of hosts, in one form each, so that two ways to write one are the same. */

/** A host, and the port if it is about one. */
export interface HostAndPort {
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** `name`, `name:port`, `[address]` or `[address]:port`; undefined for anything else. */
export function parseHost(text: string): HostAndPort | undefined {
  const [, bracketed, name, digits] = FORM.exec(text) ?? [];
  const host = canonicalHost(bracketed ?? name ?? '');
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (bracketed !== undefined) !== host.includes(':')) return undefined;
  return port === undefined || (port > 0 && port < 65_536) ? { host, port } : undefined;
}

/** As parseHost takes it. */
export function formatHost({ host, port }: HostAndPort): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

/**
 * The one form of a name or address without a port: lower case, Punycode, without a dot at the end, IPv6 shortened.
 *
 * @returns undefined for what is none
 */
export function canonicalHost(host: string): string | undefined {
  const [, address, zone] = IPV6.exec(host) ?? [];
  if (address !== undefined) {
    const url = urlOf(`[${address}]`);
    return url && `${url.slice(1, -1)}${zone?.toLowerCase() ?? ''}`;
  }
  if (!NAME.test(host)) return undefined;
  return urlOf(host)?.replace(/\.$/, '') || undefined;
}

function urlOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

const FORM = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::([1-9]\d{0,4}))?$/;

/** With the zone of a link-local address. */
const IPV6 = /^([\da-f:.]*:[\da-f:.]*)(%[\w.-]{1,64})?$/i;

/** No patterns, no hashes, and nothing that means something in a URL, of which we only want the host. */
const NAME = /^[\p{L}\p{M}\p{N}._-]{1,253}$/u;
