// @ts-check
/**
 * Loaded before a program with `--import`: notes every Secret that the package makes, and writes their bytes into a
 * file of the folder PQSOCK_NOTES when the process ends, one in hexadecimal a line. It keeps them in memory of its own,
 * so that nothing that the program shows has them from here.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from 'pqsock/oqs';

/** What a handshake's native job gives, of which the two MACs at the start are sent: they are nobody's secret then. */
const HANDSHAKE = 408;
const SENT = 2;

const { allocate, divide, from } = Secret;
const { dispose } = Secret.prototype;
/** @type {Set<Secret>} */
const alive = new Set();
/** @type {Uint8Array[]} */
const wiped = [];

/** @param {Secret} secret */
function note(secret) {
  alive.add(secret); // also keeps it from being wiped because it was forgotten
  return secret;
}

Secret.allocate = (length) => note(allocate.call(Secret, length));
Secret.divide = (whole, lengths) => {
  alive.delete(whole); // what it has is in its parts
  const parts = divide.call(Secret, whole, lengths);
  for (const part of whole.length === HANDSHAKE ? parts.slice(SENT) : parts) note(part);
  return parts;
};
Secret.from = (bytes) => note(from.call(Secret, bytes));
Secret.prototype.dispose = function () {
  if (alive.delete(this)) wiped.push(this.export());
  dispose.call(this);
};

process.on('exit', () => {
  const all = [...wiped, ...[...alive].map((secret) => secret.export())];
  const lines = all.map((bytes) => `${Buffer.from(bytes).toString('hex')}\n`);
  writeFileSync(join(process.env['PQSOCK_NOTES'] ?? '', `${process.pid}.txt`), lines.join(''));
});
