// @ts-check
/** What the connections of the vectors are made from: every random byte, and what is sent. */
import { createHash } from 'node:crypto';

/** @typedef {import('./algorithms.mjs').Suite} Suite */
/** @typedef {'DATA' | 'CLOSE' | 'KEY_UPDATE' | 'REKEY_INIT' | 'REKEY_RESP' | 'REKEY_DONE'} RecordType */

/**
 * The inputs of a suite. What is random comes from SHAKE256 of the suite's and its own name, so that everybody can see
 * that nothing was chosen.
 *
 * @param {Suite} suite
 */
export function inputsOf({ name, rnd, hybrid }) {
  const random = (/** @type {string} */ what, /** @type {number} */ length) =>
    createHash('shake256', { outputLength: length }).update(`pqsock1 vectors ${name} ${what}`).digest();
  const side = (/** @type {'client' | 'server'} */ role) => ({
    sig_seed: random(`${role} sig_seed`, 32),
    sig_rnd: random(`${role} sig_rnd`, rnd),
    random: random(`${role} random`, 32),
    ...(hybrid && { x25519_sk: random(`${role} x25519_sk`, 32) }),
  });
  return {
    prologue: Buffer.from(`vectors of ${name}`),
    /** A sender fills each plaintext up to a multiple of so many bytes. */
    pad_to: { client: 32, server: 1 },
    client: { ...side('client'), kem_seed: random('client kem_seed', 64) },
    server: { ...side('server'), kem_m: random('server kem_m', 32) },
    rekey: {
      kem_seed: random('rekey kem_seed', 64),
      kem_m: random('rekey kem_m', 32),
      ...(hybrid && { x25519_sk_c: random('rekey x25519_sk_c', 32), x25519_sk_s: random('rekey x25519_sk_s', 32) }),
    },
    batch: {
      /** The handshake that is whole: it has the connection's inputs, but that batches are agreed. */
      place: 2,
      id: random('batch id', 32),
      r: each(5, (i) => random(`batch r ${i}`, 32)),
      th_sk: each(4, (i) => random(`batch th_sk ${i}`, 64)),
      nodes: each(2, (i) => random(`batch node ${i}`, 32)),
      client_sig_rnd: random('batch client sig_rnd', rnd),
      server_sig_rnd: random('batch server sig_rnd', rnd),
    },
    key_choice: {
      /** Of the key that the server shows before its own, which the client chooses. */
      new_sig_seed: random('key_choice new sig_seed', 32),
      client_sig_rnd: random('key_choice client sig_rnd', rnd),
      server_sig_rnd: random('key_choice server sig_rnd', rnd),
    },
    records: sent(random),
  };
}

/**
 * @param {number} length
 * @param {(i: number) => Buffer} make
 */
function each(length, make) {
  return Array.from({ length }, (_, i) => make(i));
}

/**
 * What is sent, in this order: data, KEY_UPDATE in each direction, a REKEY that data crosses, and the end.
 *
 * @param {(what: string, length: number) => Buffer} random
 * @returns {{ sender: 'client' | 'server', type: RecordType, content?: Buffer }[]}
 */
function sent(random) {
  const data = (/** @type {'client' | 'server'} */ sender, /** @type {string} */ text) =>
    /** @type {const} */ ({ sender, type: 'DATA', content: Buffer.from(text) });
  const long = (/** @type {'client' | 'server'} */ sender) =>
    /** @type {const} */ ({ sender, type: 'DATA', content: random(`${sender} data`, 300) });
  return [
    data('client', 'hello, server'),
    long('client'),
    data('server', 'hello, client'),
    long('server'),
    { sender: 'client', type: 'KEY_UPDATE' },
    data('client', 'under c_1'),
    { sender: 'server', type: 'KEY_UPDATE' },
    data('server', 'under s_1'),
    { sender: 'client', type: 'REKEY_INIT' },
    data('client', 'still under c_1'),
    { sender: 'server', type: 'REKEY_RESP' },
    data('server', "under s'"),
    { sender: 'client', type: 'REKEY_DONE' },
    data('client', "under c'"),
    { sender: 'client', type: 'CLOSE' },
    data('server', 'after your CLOSE'),
    { sender: 'server', type: 'CLOSE' },
  ];
}
