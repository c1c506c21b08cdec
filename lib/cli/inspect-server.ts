/** What a server shows to whoever connects. Nothing of it is proven. */
import { fingerprintWords, PqError, probe, type ServerOffer, type ShownKey } from '../index.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import type { Inspection } from './inspection.js';
import { CliError, EXIT_CODES } from './report.js';
import type { Row } from './rows.js';

/**
 * @param timeout milliseconds
 * @throws CliError
 */
export async function inspectServer(server: Endpoint, timeout: number): Promise<Inspection> {
  const place = server.scheme === 'unix' ? { path: server.path } : { host: server.host, port: server.port };
  const name = formatEndpoint(server);
  try {
    return report(name, await probe({ ...place, timeout }));
  } catch (error) {
    throw failure(name, error as Error & { code?: string });
  }
}

function report(server: string, { keys, ...offer }: ServerOffer): Inspection {
  const { versions, suites, batches, sizes, times } = offer;
  const rows: Row[] = [
    ['server', server],
    ['versions', versions.join(', ')],
    [
      'suites',
      suites.map((suite) => (typeof suite === 'string' ? suite : `${hex(suite, 4)}, unknown here`)).join(', '),
    ],
    ...keys.flatMap(keyRows),
    ['batches', batches ? 'it may sign several handshakes at once' : 'it signs each handshake by itself'],
    ['bytes', `${sizes.serverHello} ServerHello, ${sizes.frame} with the header of its frame`],
    ['times', timesText(times)],
    ['proven', 'nothing: compare the fingerprint with one that you have from elsewhere'],
  ];
  const shown = keys.map(({ publicKey, fingerprint, ...key }) => {
    const words = fingerprint && fingerprintWords(fingerprint);
    return { ...key, bytes: publicKey.length, fingerprint, words };
  });
  return { rows, json: { server, ...offer, keys: shown, proven: false } };
}

function keyRows({ sigalg, algorithm, fingerprint, publicKey }: ShownKey): Row[] {
  const key: Row = ['key', `${algorithm ?? `${hex(sigalg, 2)}, unknown here`}, ${publicKey.length} bytes`];
  if (fingerprint === undefined) return [key];
  return [key, ['fingerprint', fingerprint], ['words', fingerprintWords(fingerprint).join(' ')]];
}

function timesText({ connect, firstByte, serverHello }: ServerOffer['times']): string {
  const connected = connect === undefined ? '' : `${connect.toFixed(2)} ms connected, `;
  return `${connected}${firstByte.toFixed(2)} ms first byte, ${serverHello.toFixed(2)} ms whole ServerHello`;
}

/** An error of the system may have no text, as that of a host with several addresses. */
function failure(server: string, error: Error & { code?: string }): CliError {
  const what = error instanceof PqError ? `${server}: ${error.message}` : `${server} can't be reached`;
  const code = error.code ?? error.name;
  return new CliError(what, HINTS[code] ?? OTHER_HINT, EXIT_CODES.network, code);
}

function hex(number: number, digits: number): string {
  return `0x${number.toString(16).padStart(digits, '0')}`;
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: look at the port',
  ENOTFOUND: 'there is no such host: look at its name',
  PQ_ERR_TIMEOUT: 'look at the port; --timeout gives a server that is far away longer',
  PQ_ERR_DECODE: 'this is no server that we understand: look at the port',
  PQ_ERR_UNEXPECTED_MESSAGE: 'this is no server of the hardened profile: look at the port, and at its profile',
};
const OTHER_HINT = 'look at what the server says of it, and try again';
