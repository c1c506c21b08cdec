/**
 * Version 2 of the PROXY protocol (HAProxy's proxy-protocol.txt): the bytes in front of a connection's data that say
 * where it came from. Version 1, which is text, is neither made nor taken.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** A connection's two ends, as the one that took it saw them. */
export interface ProxiedAddress {
  readonly family: 'IPv4' | 'IPv6';
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

/** Bytes before the part whose length they say. */
export const PROXY_PREFIX_LENGTH = 16;

/** Bytes of the rest: the standard's own members have 536, and those of balancers a few more. */
export const PROXY_REST_MAX = 2048;

/** The member (of the range for own use) with the fingerprint of the peer's key, as ASCII. */
export const PROXY_FINGERPRINT_TYPE = 0xe0;

/** @throws Error (code `PROXY_HEADER`) for bytes that are no such prefix, or one of a longer header than we take */
export function proxyRestLength(prefix: Uint8Array): number {
  const bytes = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw refused('does not begin with its signature');
  const command = bytes.readUInt8(12);
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) throw refused('is of an unknown version or command');
  if (!FAMILIES.has(bytes.readUInt8(13))) throw refused('is of an unknown family, or of datagrams');
  const length = bytes.readUInt16BE(14);
  if (length > PROXY_REST_MAX) throw refused(`announces ${length} bytes: ${PROXY_REST_MAX} are the most`);
  return length;
}

/**
 * @param prefix what {@link proxyRestLength} has taken
 * @param rest the bytes whose number it has answered
 * @returns undefined if the sender speaks for itself, as with health checks, or names no address
 * @throws Error (code `PROXY_HEADER`) for a rest that is not exactly an address and members
 */
export function parseProxyHeader(prefix: Uint8Array, rest: Uint8Array): ProxiedAddress | undefined {
  const bytes = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength);
  const [command, family] = [prefix[12], prefix[13] as number];
  const addressLength = FAMILIES.get(family) as number;
  if (command === COMMAND_LOCAL) return undefined; // the rest is to be skipped, whatever it is
  if (bytes.length < addressLength) throw refused('ends within its address');
  checkMembers(bytes.subarray(addressLength));
  if (family !== TCP4 && family !== TCP6) return undefined;
  const size = family === TCP4 ? 4 : 16;
  const format = family === TCP4 ? formatIPv4 : formatIPv6;
  return {
    family: family === TCP4 ? 'IPv4' : 'IPv6',
    sourceAddress: format(bytes.subarray(0, size)),
    destinationAddress: format(bytes.subarray(size, 2 * size)),
    sourcePort: bytes.readUInt16BE(2 * size),
    destinationPort: bytes.readUInt16BE(2 * size + 2),
  };
}

/** What is known of a connection's two ends. */
type KnownAddress = { readonly [Name in keyof Omit<ProxiedAddress, 'family'>]: ProxiedAddress[Name] | undefined };

/**
 * @param address of a connection of which not both addresses are known nothing is said
 * @param fingerprint of the peer's key, for a member of type {@link PROXY_FINGERPRINT_TYPE}
 */
export function proxyHeader(address: KnownAddress, fingerprint?: string): Buffer {
  const [family, addresses] = addressPart(address);
  const member =
    fingerprint === undefined ? Buffer.alloc(0) : memberOf(PROXY_FINGERPRINT_TYPE, Buffer.from(fingerprint));
  const lengths = Buffer.alloc(4);
  lengths.writeUInt8(COMMAND_PROXY, 0);
  lengths.writeUInt8(family, 1);
  lengths.writeUInt16BE(addresses.length + member.length, 2);
  return Buffer.concat([SIGNATURE, lengths, addresses, member]);
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const UNSPECIFIED = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;

/** Bytes of the addresses of each family that a stream can have. */
const FAMILIES: ReadonlyMap<number, number> = new Map([
  [UNSPECIFIED, 0],
  [TCP4, 12],
  [TCP6, 36],
  [UNIX_STREAM, 216],
]);

/** What they mean is not asked. */
function checkMembers(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 3) throw refused('ends within a member');
    at += 3 + bytes.readUInt16BE(at + 1);
    if (at > bytes.length) throw refused('ends within a member');
  }
}

function memberOf(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type, value.length >> 8, value.length & 255), value]);
}

function addressPart(address: KnownAddress): [family: number, bytes: Buffer] {
  const [source, destination] = [plain(address.sourceAddress), plain(address.destinationAddress)];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(address.sourcePort ?? 0, 0);
  ports.writeUInt16BE(address.destinationPort ?? 0, 2);
  if (isIPv4(source) && isIPv4(destination)) {
    return [TCP4, Buffer.concat([bytesOfIPv4(source), bytesOfIPv4(destination), ports])];
  }
  if (isIPv6(source) && isIPv6(destination)) {
    return [TCP6, Buffer.concat([bytesOfIPv6(source), bytesOfIPv6(destination), ports])];
  }
  return [UNSPECIFIED, Buffer.alloc(0)];
}

/** An IPv4 address that came to a socket of both families is one, and a zone means nothing elsewhere. */
function plain(address = ''): string {
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:(.*)$/i.exec(bare)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : bare;
}

function bytesOfIPv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function bytesOfIPv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const [left, right] = [wordsOf(head), wordsOf(tail ?? '')];
  const words = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(words.flatMap((word) => [word >> 8, word & 255]));
}

/** The 16-bit words of one side of a `::`; an IPv4 address at the end is two of them. */
function wordsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (!word.includes('.')) return Number.parseInt(word, 16);
    const bytes = bytesOfIPv4(word);
    return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
  });
}

function formatIPv4(bytes: Buffer): string {
  return [...bytes].join('.');
}

/** In the form of RFC 5952, as Node gives addresses. */
function formatIPv6(bytes: Buffer): string {
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new SocketAddress({ address: words.join(':'), family: 'ipv6' }).address;
}

function refused(what: string): Error {
  return Object.assign(new Error(`the PROXY header ${what}`), { code: 'PROXY_HEADER' });
}
