/** ServerHello and ClientHello: the offer and the choice. PROTOCOL.md, "Handshake messages". */
import { ascii, bytesEqual, concat, u16 } from '../bytes.js';
import { Reader } from './reader.js';

export const RANDOM_LENGTH = 32;

/** What a server offers. Numbers that we don't know are kept: they are skipped later, not here. */
export interface ServerHello {
  readonly versions: readonly number[];
  /** 32 bytes, fresh for every connection. */
  readonly random: Uint8Array;
  readonly suites: readonly number[];
  readonly keys: readonly OfferedKey[];
  readonly extensions: readonly Extension[];
}

export interface OfferedKey {
  readonly sigalg: number;
  readonly publicKey: Uint8Array;
}

export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a client chooses. */
export interface ClientHello {
  readonly version: number;
  readonly suite: number;
  /** 32 bytes, fresh for every connection. */
  readonly random: Uint8Array;
  readonly mode: number;
  /** Its public key in mode 0; a ticket in mode 1. */
  readonly key: Uint8Array;
  readonly extensions: readonly Extension[];
}

/**
 * The extension by which a server shows several keys of an algorithm, and a client says which of them it means: without
 * data in a ServerHello, with the place in its list of keys, one byte, in a ClientHello.
 */
export const KEY_CHOICE = 0x0002;

export const MODE_KEY = 0;
export const MODE_TICKET = 1;

const MAGIC = ascii('PQSK');

/** Where the random begins in the body of a ServerHello that offers one version. */
export const SERVER_RANDOM_AT = MAGIC.length + 2;

const VERSIONS_MAX = 8;
const SUITES_MAX = 8;

/** A ServerHello has at most as many keys. */
export const KEYS_MAX = 4;

const EXTENSIONS_LENGTH_MAX = 1024;

/** A ServerHello's body has at most as many bytes. */
export const SERVER_HELLO_MAX = 16_384;

/** A ClientHello's body has at least and at most as many bytes, whatever is in it. */
export const CLIENT_HELLO_LEAST = 41;
export const CLIENT_HELLO_MAX = 3656;

export function emitServerHello({ versions, random, suites, keys, extensions }: ServerHello): Uint8Array {
  return concat(
    MAGIC,
    Uint8Array.of(versions.length, ...versions),
    random,
    Uint8Array.of(suites.length),
    ...suites.map(u16),
    Uint8Array.of(keys.length),
    ...keys.flatMap(({ sigalg, publicKey }) => [Uint8Array.of(sigalg), u16(publicKey.length), publicKey]),
    emitExtensions(extensions),
  );
}

/** @throws PQ_ERR_DECODE */
export function parseServerHello(body: Uint8Array): ServerHello {
  const reader = new Reader('ServerHello', body);
  if (!bytesEqual(reader.bytes(MAGIC.length), MAGIC)) throw reader.error('does not begin with PQSK');
  const versions = reader.list('versions', 1, VERSIONS_MAX, () => reader.u8(), Number);
  const random = reader.bytes(RANDOM_LENGTH);
  const suites = reader.list('suites', 1, SUITES_MAX, () => reader.u16(), Number);
  const readKey = () => ({ sigalg: reader.u8(), publicKey: reader.bytes(reader.u16()) });
  const keys = reader.list('keys', 1, KEYS_MAX, readKey);
  const extensions = parseExtensions(reader);
  reader.end();
  checkKeys(reader, keys, keyChoice(extensions));
  return { versions, random, suites, keys, extensions };
}

export function emitClientHello({ version, suite, random, mode, key, extensions }: ClientHello): Uint8Array {
  return concat(
    Uint8Array.of(version),
    u16(suite),
    random,
    Uint8Array.of(mode),
    u16(key.length),
    key,
    emitExtensions(extensions),
  );
}

/** @throws PQ_ERR_DECODE */
export function parseClientHello(body: Uint8Array): ClientHello {
  const reader = new Reader('ClientHello', body);
  const version = reader.u8();
  const suite = reader.u16();
  const random = reader.bytes(RANDOM_LENGTH);
  const mode = reader.u8();
  if (mode !== MODE_KEY && mode !== MODE_TICKET) throw reader.error(`has mode ${mode}: there are 0 and 1`);
  const key = reader.bytes(reader.u16());
  const extensions = parseExtensions(reader);
  reader.end();
  const choice = keyChoice(extensions);
  if (choice !== undefined && choice.length !== 1)
    throw reader.error(`chooses a key in ${choice.length} bytes: it is 1`);
  return { version, suite, random, mode, key, extensions };
}

/** The data of the extension, if it is there. */
export function keyChoice(extensions: readonly Extension[]): Uint8Array | undefined {
  return extensions.find(({ type }) => type === KEY_CHOICE)?.data;
}

/** Several keys of an algorithm, known or not, are there if and only if the client is asked to choose. */
function checkKeys(reader: Reader, keys: readonly OfferedKey[], choice: Uint8Array | undefined): void {
  const twins = keys.flatMap((key, i) =>
    keys.slice(0, i).flatMap((before) => (before.sigalg === key.sigalg ? [[before.publicKey, key.publicKey]] : [])),
  ) as [Uint8Array, Uint8Array][];
  if (twins.some(([before, key]) => bytesEqual(before, key))) throw reader.error('has the same of its keys twice');
  if (twins.length > 0 && choice === undefined)
    throw reader.error('has two keys of an algorithm, and offers no choice');
  if (twins.length === 0 && choice !== undefined) throw reader.error('offers a choice of keys where there is none');
  if (choice !== undefined && choice.length > 0) throw reader.error('has data where it offers a choice of keys');
}

function emitExtensions(extensions: readonly Extension[]): Uint8Array {
  const each = extensions.flatMap(({ type, data }) => [u16(type), u16(data.length), data]);
  const joined = concat(...each);
  return concat(u16(joined.length), joined);
}

function parseExtensions(reader: Reader): Extension[] {
  const length = reader.u16();
  if (length > EXTENSIONS_LENGTH_MAX) throw reader.error(`has extensions of ${length} bytes: 1024 are the most`);
  const extensions: Extension[] = [];
  const end = reader.rest - length;
  while (reader.rest > end) {
    const type = reader.u16();
    const last = extensions.at(-1);
    if (last !== undefined && type <= last.type) throw reader.error('has extensions that are not in ascending order');
    extensions.push({ type, data: reader.bytes(reader.u16()) });
  }
  if (reader.rest < end) throw reader.error('has an extension that is longer than all of them');
  return extensions;
}
