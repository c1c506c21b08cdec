/** Takes a balancer's PROXY header from the front of a connection, which then has the address that was announced. */
import type { Socket } from 'node:net';
import { PROXY_PREFIX_LENGTH, type ProxiedAddress, parseProxyHeader, proxyRestLength } from './proxy-header.js';

/**
 * Not a byte after the header is taken. The socket must be new and have a listener for its errors.
 *
 * @param limit milliseconds for the whole header
 * @returns whether an address was announced: else the connection is the balancer's own, or of unknown origin
 * @throws Error with code `PROXY_HEADER` for what is no header, `ETIMEDOUT`, or what ended the connection
 */
export async function takeAnnouncement(socket: Socket, limit: number): Promise<boolean> {
  const timer = setTimeout(() => socket.destroy(late(limit)), limit);
  try {
    const address = await addressIn(socket);
    if (address !== undefined) announce(socket, address);
    return address !== undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads just as many bytes as belong to the header. */
function addressIn(socket: Socket): Promise<ProxiedAddress | undefined> {
  return new Promise((resolve, reject) => {
    let prefix: Buffer | undefined;
    const step = (): void => {
      prefix ??= take(socket, PROXY_PREFIX_LENGTH);
      if (prefix === undefined) return;
      const length = proxyRestLength(prefix);
      const rest = length === 0 ? Buffer.alloc(0) : take(socket, length);
      if (rest !== undefined) settle(() => resolve(parseProxyHeader(prefix as Buffer, rest)));
    };
    const settle = (how: () => void): void => {
      socket.off('readable', advance).off('end', cutOff).off('close', cutOff);
      how();
    };
    const advance = (): void => {
      try {
        step();
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const cutOff = (): void => settle(() => reject(socket.errored ?? ended()));
    socket.on('readable', advance).on('end', cutOff).on('close', cutOff);
    if (socket.closed) cutOff();
  });
}

/** Just so many bytes, or undefined while there are fewer. */
function take(socket: Socket, length: number): Buffer | undefined {
  const bytes = socket.read(length) as Buffer | null;
  if (bytes !== null && bytes.length < length) throw ended(); // what is left before the end
  return bytes ?? undefined;
}

/** Everybody asks the socket for these, the limits per address among them. */
function announce(socket: Socket, address: ProxiedAddress): void {
  const { family } = address;
  const members = {
    remoteAddress: address.sourceAddress,
    remotePort: address.sourcePort,
    remoteFamily: family,
    localAddress: address.destinationAddress,
    localPort: address.destinationPort,
    localFamily: family,
  };
  for (const [name, value] of Object.entries(members)) Object.defineProperty(socket, name, { value });
}

function ended(): Error {
  return Object.assign(new Error('the connection ended before its PROXY header did'), { code: 'PROXY_HEADER' });
}

function late(limit: number): Error {
  return Object.assign(new Error(`no PROXY header came within ${limit} ms`), { code: 'ETIMEDOUT' });
}
