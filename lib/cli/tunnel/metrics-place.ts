/** Where `--metrics` is served: `host:port`, or a port of this machine. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { parseEndpoint } from '../endpoint.js';
import { CliError, EXIT_CODES } from '../report.js';

export interface MetricsPlace {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** @throws CliError that says what to write */
export function parseMetricsPlace(text: string): MetricsPlace {
  try {
    const endpoint = parseEndpoint(`tcp://${/^\d+$/.test(text) ? `127.0.0.1:${text}` : text}`, 'listen');
    if (endpoint.scheme === 'tcp') return { host: endpoint.host, port: endpoint.port };
  } catch {} // its message is about a scheme, which there is none of here
  throw new CliError(
    `metrics ${JSON.stringify(text)} is no address`,
    'write host:port, for example 127.0.0.1:9464 or [::1]:9464; a port alone is one of 127.0.0.1',
    EXIT_CODES.usage,
  );
}

/** Whether only this machine reaches it. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Whether a Host header names the place itself. A page of elsewhere can make its own name point to this machine, and
 * would then be allowed to read what is here.
 */
export function isOwnHost(header: string, { host }: MetricsPlace): boolean {
  const name = header.toLowerCase().replace(/:\d*$/, '');
  return name === 'localhost' || name === host.toLowerCase() || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
