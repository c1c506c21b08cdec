/** What a file holds: a key, or keys to trust. Nothing secret is said of it. */
import { promises as fs, type Stats } from 'node:fs';
import {
  authorizedKeysFile,
  describeKeyFile,
  fingerprintWords,
  type KeyFileDescription,
  knownHosts,
  type SigName,
} from '../index.js';
import { Sig } from '../oqs.js';
import { exposedKey } from './exposed-key.js';
import type { Inspection } from './inspection.js';
import { givenPassphrase, type PassphraseChoices } from './passphrase-option.js';
import type { Row } from './rows.js';

/**
 * @param stat of the file
 * @throws CliError; PqError for what is wrong in the file; errors of the system
 */
export async function inspectFile(file: string, stat: Stats, choices: PassphraseChoices): Promise<Inspection> {
  const lines = stat.isFile() && stat.size <= LONGEST ? await trustLinesOf(file) : [];
  if (lines.length > 0) return trustFile(file, stat, lines);
  const passphrase = await givenPassphrase(choices);
  try {
    return keyFile(file, await describeKeyFile(file, { passphrase }));
  } finally {
    passphrase?.dispose();
  }
}

function keyFile(file: string, key: KeyFileDescription): Inspection {
  const { kind, format, rounds, algorithm, fingerprint, profile, form } = key;
  const rows: Row[] = [['kind', `${kind} key, ${format === 'pem' ? 'in PEM' : 'as a JWK'}`]];
  if (kind === 'secret') {
    rows.push(['encrypted', rounds === undefined ? 'no' : `by a passphrase, with ${count(rounds)} rounds of PBKDF2`]);
  }
  if (algorithm !== undefined) rows.push(['algorithm', algorithm]);
  if (profile !== undefined) rows.push(['profile', profile]);
  if (form !== undefined) rows.push(['form', FORMS[form]]);
  const sizes = algorithm && sizesOf(algorithm);
  if (sizes !== undefined) {
    rows.push(['bytes', `${sizes.publicKey} public key, ${sizes.secretKey} secret key, ${sizes.signature} signature`]);
  }
  rows.push(['file', `${count(key.bytes)} bytes, mode ${key.mode}`]);
  const words = fingerprint === undefined ? undefined : fingerprintWords(fingerprint);
  if (fingerprint !== undefined && words !== undefined) {
    rows.push(['fingerprint', fingerprint], ['words', words.join(' ')]);
  } else rows.push(['', 'Its passphrase shows the rest: --passphrase-file, or --passphrase-fd.']);
  const json = { file, ...key, encrypted: rounds !== undefined, sizes, words };
  return { rows, json, problem: key.exposed ? exposedKey(file, key) : undefined };
}

function sizesOf(algorithm: SigName) {
  const { publicKeyLength: publicKey, secretKeyLength: secretKey, signatureLength: signature } = new Sig(algorithm);
  return { publicKey, secretKey, signature };
}

/** @throws PQ_ERR_TRUST_FILE with the first line that is wrong */
function trustFile(file: string, { size, mode }: Stats, lines: readonly string[]): Inspection {
  const isServers = lines[0]?.startsWith(PREFIX) === true;
  if (isServers) authorizedKeysFile(file);
  else knownHosts(file);
  const kind = isServers ? 'authorized_keys' : 'known_hosts';
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  return {
    rows: [
      [
        'kind',
        isServers ? 'clients that a server trusts (authorized_keys)' : 'servers that a client trusts (known_hosts)',
      ],
      ['keys', count(lines.length)],
      ['file', `${count(size)} bytes, mode ${permissions}`],
    ],
    json: { file, kind, keys: lines.length, bytes: size, mode: permissions },
  };
}

/** Its lines but for comments, if there is something like a fingerprint in it, as there is in no key. */
async function trustLinesOf(file: string): Promise<readonly string[]> {
  const bytes = await fs.readFile(file);
  try {
    if (!bytes.includes(PREFIX) || bytes[0] === OPENING_BRACE) return [];
    return bytes
      .toString()
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } finally {
    bytes.fill(0);
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

const FORMS = { seed: 'the seed', expanded: 'the expanded key', both: 'the seed and the expanded key' };
const PREFIX = 'pqsock1:';
const OPENING_BRACE = 0x7b;
/** As long as a file of keys to trust may be, and much longer than a key. */
const LONGEST = 2 ** 20;
