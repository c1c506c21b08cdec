/** The form of the two hellos, made from PROTOCOL.md chapter 4 and from nothing else: a body has it or has it not. */

/** Reads on, or gives undefined once there is too little. */
class Cursor {
  broken = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  number(size: 1 | 2): number {
    return this.take(size).reduce((sum, byte) => 256 * sum + byte, 0);
  }

  take(length: number): Uint8Array {
    if (length > this.left) this.broken = true;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** @param known whether keys and extensions that we know must have their length, which is looked at apart */
export function isServerHello(body: Uint8Array, known = true): boolean {
  const cursor = new Cursor(body);
  if (Buffer.from(cursor.take(4)).toString('latin1') !== 'PQSK') return false;
  const versions = distinct(cursor, 8, () => cursor.number(1));
  cursor.take(32);
  const suites = distinct(cursor, 8, () => cursor.number(2));
  let lengths = true;
  const sigalgs: number[] = [];
  const keys = distinct(cursor, 4, () => {
    const sigalg = cursor.number(1);
    const pk = cursor.take(cursor.number(2));
    if ((sigalg === 1 || sigalg === 2) && pk.length !== 2592) lengths = false;
    sigalgs.push(sigalg);
    return `${sigalg} ${Buffer.from(pk).toString('latin1')}`;
  });
  const types = extensionsOf(cursor, known, 0);
  const isChoice = new Set(sigalgs).size < sigalgs.length;
  return versions && suites && keys && (lengths || !known) && types?.includes(2) === isChoice;
}

/** @param known as with {@link isServerHello} */
export function isClientHello(body: Uint8Array, known = true): boolean {
  const cursor = new Cursor(body);
  cursor.take(1 + 2 + 32);
  if (cursor.number(1) > 1) return false;
  cursor.take(cursor.number(2));
  return extensionsOf(cursor, known, 1) !== undefined;
}

function distinct(cursor: Cursor, most: number, read: () => number | string): boolean {
  const count = cursor.number(1);
  if (cursor.broken || count < 1 || count > most) return false;
  const values = Array.from({ length: count }, read);
  return !cursor.broken && new Set(values).size === count;
}

/**
 * Their types, if they fill the rest as they must.
 *
 * @param choice how many bytes there are in that of a choice of keys
 */
function extensionsOf(cursor: Cursor, known: boolean, choice: number): number[] | undefined {
  const total = cursor.number(2);
  if (cursor.broken || total > 1024 || cursor.left !== total) return undefined;
  const types = [-1];
  while (cursor.left > 0) {
    const type = cursor.number(2);
    const { length } = cursor.take(cursor.number(2));
    if (cursor.broken || type <= (types.at(-1) as number) || (type === 2 && length !== choice)) return undefined;
    if (known && type === 1 && length > 0) return undefined;
    types.push(type);
  }
  return types;
}
