/** Files of trusted keys: taken whole, and then each line says what it would say alone; or refused with the file's name. */
import assert from 'node:assert/strict';
import { formatAuthorizedKey, parseAuthorizedKeys } from '../../../lib/trust/authorized-key.js';
import { formatKnownHost, parseKnownHosts } from '../../../lib/trust/known-host.js';
import { outcomeOf } from '../../support/outcome.js';
import { standInIdentity } from '../stand-ins.js';
import type { Target } from '../target.js';

const [a, b] = [standInIdentity(1, {}).fingerprint, standInIdentity(1, { algorithm: 'ML-DSA-87' }).fingerprint];

/** What is asked of a file that was taken: its entries, and what each is when it is written. */
type Written = readonly (readonly [entry: { readonly line: number }, text: string])[];

const FILES: readonly ((bytes: Uint8Array) => Written)[] = [
  (bytes) => parseKnownHosts(bytes, 'file').map((entry) => [entry, formatKnownHost(entry)]),
  (bytes) => [...parseAuthorizedKeys(bytes, 'file').values()].map((entry) => [entry, formatAuthorizedKey(entry)]),
];

export const trustFiles: Target = {
  name: 'trust-files',
  words: [a, b, ' # ', '\n', '\r\n', '\0', ':7443', '[::1]', ' expires=2027-01-31', 'T18:00Z', ' tunnels=db,queue'].map(
    (text) => Buffer.from(text),
  ),
  seeds: () =>
    [
      `\0# ours\n\ndb.example ${a}\nDB.example:7443 ${b} # Ann\n[2001:db8::1]:1 ${a}\n192.0.2.1\t${a}\n`,
      `\x01${a} # Ann\n\t\n${b} expires=2027-01-31T18:00:01Z tunnels=db,queue # Bob\n`,
      `\x01${a}\nhalf`,
    ].map((text) => Buffer.from(text)),
  run: ([kind = 0, ...rest]) => {
    const bytes = Buffer.from(rest);
    const parse = FILES[kind % FILES.length] as (bytes: Uint8Array) => Written;
    const entries = outcomeOf(() => parse(bytes));
    if (typeof entries === 'string') {
      assert.equal(entries, 'PQ_ERR_TRUST_FILE');
      return;
    }
    assert(bytes.length === 0 || bytes.at(-1) === 10, 'the last line has an end');
    assert(!bytes.includes(0) && !bytes.includes(13), 'no NUL, and no carriage return');
    const lines = bytes.toString().split('\n');
    for (const [entry, text] of entries) {
      assert.deepEqual(
        without(parse(Buffer.from(`${text}\n`))),
        without([[entry, text]]),
        'it is read as it was written',
      );
      assert.deepEqual(
        without(parse(Buffer.from(`${lines[entry.line - 1]}\n`))),
        without([[entry, text]]),
        'line by line',
      );
    }
    const others = lines.filter((_, i) => !entries.some(([{ line }]) => line === i + 1));
    for (const line of others) assert.match(line, /^[ \t]*(#|$)/, 'what says nothing is empty, or a comment');
  },
};

/** Without the number of the line, and with the text that says all of it. */
function without(entries: Written): unknown {
  return entries.map(([entry, text]) => ({ ...entry, line: 0, text }));
}
