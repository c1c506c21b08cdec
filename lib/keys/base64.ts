/** Base64 (RFC 4648) of secrets: from bytes to bytes, without a text that nobody could wipe, and strictly read. */

/** How many characters this many bytes take, padding included. */
export function base64Length(length: number): number {
  return Math.ceil(length / 3) * 4;
}

/** Writes the characters of the bytes, with padding, and says how many there are. */
export function writeBase64(bytes: Uint8Array, into: Uint8Array, at: number): number {
  let next = at;
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const group = (a << 16) | (b << 8) | c;
    const left = bytes.length - i;
    into[next++] = character(group >> 18);
    into[next++] = character(group >> 12);
    into[next++] = left > 1 ? character(group >> 6) : PADDING;
    into[next++] = left > 2 ? character(group) : PADDING;
  }
  return next - at;
}

/**
 * Writes the bytes that the characters stand for, and says how many there are; undefined if something isn't as
 * {@link writeBase64} writes it: another character, no padding, bits that are left over.
 */
export function readBase64(characters: Uint8Array, into: Uint8Array): number | undefined {
  const { length } = characters;
  if (length % 4 !== 0) return undefined;
  const padding = characters[length - 1] !== PADDING ? 0 : characters[length - 2] !== PADDING ? 1 : 2;
  const digits = length - padding;
  let [group, wrong, next] = [0, 0, 0];
  for (let i = 0; i < digits; i += 1) {
    const value = VALUES[characters[i] as number] as number;
    wrong |= value;
    group = ((group << 6) | value) & 0xffffff;
    if (i % 4 !== 0) into[next++] = group >> (6 - 2 * (i % 4));
  }
  const rest = digits % 4 === 0 ? 0 : group & (digits % 4 === 2 ? 0x0f : 0x03);
  return wrong < 0x40 && rest === 0 ? next : undefined;
}

function character(sixBits: number): number {
  return CHARACTERS[sixBits & 0x3f] as number;
}

const CHARACTERS = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (one) =>
  one.charCodeAt(0),
);
const PADDING = '='.charCodeAt(0);

/** By the character; 0x40 for what is none. */
const VALUES = new Uint8Array(256).fill(0x40);
CHARACTERS.forEach((one, value) => {
  VALUES[one] = value;
});
