/** The two hellos for {@link HardenedScript}, from PROTOCOL.md chapter 4, with whatever a test puts into them. */

/** What is in a ServerHello; any field can be wrong. */
export interface ServerHelloFields {
  readonly magic: string;
  readonly versions: readonly number[];
  readonly random: Buffer;
  readonly suites: readonly number[];
  readonly keys: readonly { readonly sigalg: number; readonly pk: Buffer }[];
  readonly extensions: Buffer;
}

/** What is in a ClientHello. */
export interface ClientHelloFields {
  readonly version: number;
  readonly suite: number;
  readonly random: Buffer;
  readonly mode: number;
  readonly key: Buffer;
  readonly extensions: Buffer;
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value]);
}

/** One extension. */
export function extension(type: number, data: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.concat([u16(type), u16(data.length), data]);
}

/** With which a server shows several keys of an algorithm. */
export const KEY_CHOICE = extension(2);

/** How a client says which of them it means. */
export function keyChosen(place: number): Buffer {
  return extension(2, Uint8Array.of(place));
}

export function serverHelloBody({ magic, versions, random, suites, keys, extensions }: ServerHelloFields): Buffer {
  return Buffer.concat([
    Buffer.from(magic),
    Buffer.from([versions.length, ...versions]),
    random,
    Buffer.from([suites.length]),
    ...suites.map(u16),
    Buffer.from([keys.length]),
    ...keys.flatMap(({ sigalg, pk }) => [Buffer.from([sigalg]), u16(pk.length), pk]),
    u16(extensions.length),
    extensions,
  ]);
}

export function clientHelloBody({ version, suite, random, mode, key, extensions }: ClientHelloFields): Buffer {
  const fixed = [Buffer.from([version]), u16(suite), random, Buffer.from([mode])];
  return Buffer.concat([...fixed, u16(key.length), key, u16(extensions.length), extensions]);
}

/** The fields of a right ServerHello. */
export function serverHelloFields(body: Buffer): ServerHelloFields {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return body.subarray(at - length, at);
  };
  const byte = () => take(1).readUInt8();
  const magic = String(take(4));
  const versions = [...take(byte())];
  const random = take(32);
  const suites = Array.from({ length: byte() }, () => take(2).readUInt16BE());
  const keys = Array.from({ length: byte() }, () => ({ sigalg: byte(), pk: take(take(2).readUInt16BE()) }));
  return { magic, versions, random, suites, keys, extensions: take(take(2).readUInt16BE()) };
}
