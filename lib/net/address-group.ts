/** What a limit per address counts: whoever has one IPv6 address has many, and must not count as many. */
import { isIP } from 'node:net';

/** An IPv6 address has as many, of 16 bits. */
const WORDS = 8;

/**
 * The group of an address: an IPv4 address by itself, also when it is written as an IPv4-mapped IPv6 address
 * (RFC 4291 §2.5.5.2), and an IPv6 address with all others of its /64, which is the least that one host is given: it
 * has 2^64 addresses to come from.
 *
 * @param remoteAddress as Node gives it; a zone (`%eth0`) is ignored
 * @returns text that is equal for all addresses of a group, in the form of RFC 5952: `192.0.2.1`, `2001:db8::/64`;
 *   undefined for none and for what is no address, as with Unix sockets and transports of one's own
 */
export function addressGroup(remoteAddress: string | undefined): string | undefined {
  const [address = ''] = (remoteAddress ?? '').split('%');
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return address;
  const [head = '', tail] = address.split('::');
  const words = tail === undefined ? wordsOf(head) : filled(wordsOf(head), wordsOf(tail));
  return mappedAddress(words) ?? prefixOf(words);
}

/** The 16-bit words of one side of a `::`; an IPv4 address at the end is two of them. */
function wordsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (!word.includes('.')) return Number.parseInt(word, 16);
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
    return [256 * a + b, 256 * c + d];
  });
}

function filled(left: readonly number[], right: readonly number[]): number[] {
  return [...left, ...new Array<number>(WORDS - left.length - right.length).fill(0), ...right];
}

function mappedAddress(words: readonly number[]): string | undefined {
  if (words[5] !== 0xffff || words.slice(0, 5).some((word) => word !== 0)) return undefined;
  const octets = words.slice(6).flatMap((word) => [word >> 8, word & 255]);
  return octets.join('.');
}

/** The longest run of zeros is the one at the end, so that the `::` is there. */
function prefixOf(words: readonly number[]): string {
  const prefix = words.slice(0, WORDS / 2).map((word) => word.toString(16));
  return `${prefix.join(':').replace(/(^|:)0(:0)*$/, '')}::/64`;
}
