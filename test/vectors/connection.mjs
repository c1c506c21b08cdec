// @ts-check
/** One whole connection of a suite, computed from its inputs as PROTOCOL.md chapters 4 to 10 and 15 to 16 say. */
import { createHash } from 'node:crypto';
import { hmac, keyExchange, sealRecord, sha512, sigKeypair, sign } from './algorithms.mjs';

/** @typedef {import('./algorithms.mjs').Suite} Suite */
/** @typedef {'client' | 'server'} Role */

/** @type {Buffer} */
const EMPTY = Buffer.alloc(0);
const FRAME_TYPES = {
  ServerHello: 1,
  ClientHello: 2,
  ClientKem: 3,
  ClientAuth: 4,
  ServerKem: 5,
  ServerAuth: 6,
  ServerFinished: 7,
  ClientFinished: 8,
};
const RECORD_TYPES = { DATA: 1, CLOSE: 2, KEY_UPDATE: 4, REKEY_INIT: 6, REKEY_RESP: 7, REKEY_DONE: 8 };
const EXPORTS = [
  { label: 'test', context: EMPTY, length: 16 },
  { label: 'EXPORTER-channel', context: Buffer.from('a context'), length: 64 },
  { label: '', context: Buffer.from('more than one block'), length: 200 },
];

/**
 * Everything that a file of vectors says after its inputs.
 *
 * @param {Suite} suite
 * @param {ReturnType<typeof import('./inputs.mjs').inputsOf>} inputs
 */
export function connectionOf(suite, inputs) {
  const { prologue, client, server, rekey } = inputs;
  const keys = { client: sigKeypair(suite, client.sig_seed), server: sigKeypair(suite, server.sig_seed) };
  const kem = keyExchange(suite, {
    kem_seed: client.kem_seed,
    kem_m: server.kem_m,
    x25519_sk_c: client.x25519_sk,
    x25519_sk_s: server.x25519_sk,
  });
  const { frames, transcript, schedule } = handshakeOf(suite, inputs, keys, kem);
  const fresh = rekeyOf(suite, rekey, schedule.rk_0);
  const { records, secrets } = recordsOf(inputs, schedule, fresh);
  return {
    identities: { client: identityOf(suite, keys.client.pk), server: identityOf(suite, keys.server.pk) },
    frames,
    transcript: { T0: startOf(prologue), ...transcript },
    key_schedule: schedule,
    rekey: fresh,
    records,
    traffic_secrets: secrets,
    exporter: EXPORTS.map(({ label, context, length }) => ({
      label,
      context,
      length,
      output: expandLabel(schedule.exp, `exp ${label}`, sha512(context), length),
    })),
  };
}

/**
 * @param {Suite} suite
 * @param {Pick<ReturnType<typeof import('./inputs.mjs').inputsOf>, 'prologue' | 'client' | 'server'>} inputs
 * @param {Record<Role, { pk: Buffer, sk: Buffer }>} keys
 * @param {{ kem_pk: Buffer, kem_ct: Buffer, ss: Buffer }} kem
 * @param {{ batch?: (TH_SK: Buffer) => Buffer, before?: Buffer }} [more] `batch` gives the body of ServerAuth: batches
 *   are agreed then; `before` is a key that the server shows before its own, which the client chooses
 */
export function handshakeOf(suite, { prologue, client, server }, keys, { kem_pk, kem_ct, ss }, { batch, before } = {}) {
  /** @type {{ name: string, sender: Role, frame: Buffer }[]} */
  const frames = [];
  const say = (/** @type {keyof typeof FRAME_TYPES} */ name, /** @type {Uint8Array[]} */ ...body) => {
    const sender = name.startsWith('Client') ? 'client' : 'server';
    frames.push({ name, sender, frame: frameOf(FRAME_TYPES[name], Buffer.concat(body)) });
    return sha512(startOf(prologue), ...frames.map(({ frame }) => frame));
  };
  const signed = (/** @type {Role} */ role, /** @type {Buffer} */ hash) => {
    const message = signingInput(`pqsock1 ${role} auth`, hash);
    return sign(suite, keys[role].sk, message, { client, server }[role].sig_rnd);
  };
  const pkLength = u16(keys.client.pk.length);
  const id = u16(suite.id);
  const [version, one] = [Buffer.of(1), Buffer.of(1)];
  const shown = [...(before ? [before] : []), keys.server.pk];
  const extensions = (/** @type {number[]} */ ...choice) => {
    const held = [...(batch ? [0, 1, 0, 0] : []), ...(before ? [0, 2, 0, choice.length, ...choice] : [])];
    return Buffer.of(0, held.length, ...held);
  };
  const offer = [Buffer.from('PQSK'), one, version, server.random, one, id, Buffer.of(shown.length)];
  say('ServerHello', ...offer, ...shown.flatMap((pk) => [Buffer.of(suite.sigalg), pkLength, pk]), extensions());
  const choice = [version, id, client.random, Buffer.of(0), pkLength, keys.client.pk];
  say('ClientHello', ...choice, extensions(shown.length - 1));
  const TH_CK = say('ClientKem', kem_pk);
  say('ClientAuth', signed('client', TH_CK));
  const TH_SK = say('ServerKem', kem_ct);
  const TH_SA = say('ServerAuth', batch?.(TH_SK) ?? Buffer.concat([Buffer.of(0), signed('server', TH_SK)]));
  const early = hmac(Buffer.alloc(64), Buffer.alloc(64));
  const d = expandLabel(early, 'derived', EMPTY, 64);
  const hs = hmac(d, ss);
  const s_finished = expandLabel(hs, 's finished', TH_SK, 64);
  const c_finished = expandLabel(hs, 'c finished', TH_SK, 64);
  const mac_s = hmac(s_finished, TH_SA);
  const TH_SF = say('ServerFinished', mac_s);
  const mac_c = hmac(c_finished, TH_SF);
  const TH_CF = say('ClientFinished', mac_c);
  const c_0 = expandLabel(hs, 'c ap', TH_CF, 64);
  const s_0 = expandLabel(hs, 's ap', TH_CF, 64);
  const ms = expandLabel(hs, 'master', TH_CF, 64);
  const exp = expandLabel(ms, 'exp', EMPTY, 64);
  const rk_0 = expandLabel(ms, 'rk', EMPTY, 64);
  const schedule = { ss, early, d, hs, s_finished, c_finished, mac_s, mac_c, c_0, s_0, ms, exp, rk_0 };
  return { frames, transcript: { TH_CK, TH_SK, TH_SA, TH_SF, TH_CF }, schedule };
}

/**
 * What is given to the signature algorithm.
 *
 * @param {string} label
 * @param {Uint8Array[]} content
 */
export function signingInput(label, ...content) {
  return Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`${label}\0`), ...content]);
}

/**
 * @param {Suite} suite
 * @param {Parameters<typeof keyExchange>[1]} random
 * @param {Buffer} rk_0
 */
function rekeyOf(suite, random, rk_0) {
  const { kem_pk, kem_ct, ss } = keyExchange(suite, random);
  const x = hmac(rk_0, ss);
  const ctx = sha512(kem_pk, kem_ct);
  const derive = (/** @type {string} */ label) => expandLabel(x, label, ctx, 64);
  const [rk_1, c_prime, s_prime] = [derive('rk'), derive('c ap'), derive('s ap')];
  return { kem_pk, kem_ct, ss_prime: ss, x, ctx, rk_1, c_prime, s_prime };
}

/**
 * All records in the order in which they are sent, and the secrets of each direction.
 *
 * @param {ReturnType<typeof import('./inputs.mjs').inputsOf>} inputs
 * @param {{ c_0: Buffer, s_0: Buffer }} schedule
 * @param {ReturnType<typeof rekeyOf>} fresh
 */
function recordsOf({ client, records, pad_to }, { c_0, s_0 }, { kem_pk, kem_ct, c_prime, s_prime }) {
  const directions = {
    client: new Direction('client', client.random, c_0),
    server: new Direction('server', client.random, s_0),
  };
  const made = records.map(({ sender, type, content: given = EMPTY }) => {
    const direction = directions[sender];
    const content = type === 'REKEY_INIT' ? kem_pk : type === 'REKEY_RESP' ? kem_ct : given;
    const { generation, seq } = direction;
    const padding = (pad_to[sender] - ((content.length + 1) % pad_to[sender])) % pad_to[sender];
    const record = direction.seal(Buffer.concat([content, Buffer.of(RECORD_TYPES[type]), Buffer.alloc(padding)]));
    if (type === 'KEY_UPDATE') direction.update();
    if (type === 'REKEY_DONE') direction.replace("c'", c_prime);
    if (type === 'REKEY_RESP') direction.replace("s'", s_prime);
    return { sender, type, content, padding, generation, seq, record };
  });
  return { records: made, secrets: { client: directions.client.secrets, server: directions.server.secrets } };
}

/** One direction: its secrets, one generation after the other. */
class Direction {
  /** @type {{ generation: number, from: string, secret: Buffer, key: Buffer, iv: Buffer, key_log: string }[]} */
  secrets = [];
  seq = 0;
  #sender;
  #random;
  #secret = EMPTY;

  /**
   * @param {Role} sender
   * @param {Buffer} random the client's
   * @param {Buffer} secret
   */
  constructor(sender, random, secret) {
    this.#sender = sender;
    this.#random = random;
    this.replace(`${sender[0]}_0`, secret);
  }

  get generation() {
    return this.secrets.length - 1;
  }

  /** @param {Buffer} pt */
  seal(pt) {
    const header = headerOf(0x10, pt.length + 16);
    const sealed = sealRecord(expandLabel(this.#secret, 'key iv', EMPTY, 44), this.seq, header, pt);
    this.seq += 1;
    return Buffer.concat([header, sealed]);
  }

  update() {
    this.replace('upd', expandLabel(this.#secret, 'upd', EMPTY, 64));
  }

  /**
   * @param {string} from
   * @param {Buffer} secret
   */
  replace(from, secret) {
    const generation = this.secrets.length;
    const keyAndIv = expandLabel(secret, 'key iv', EMPTY, 44);
    const label = `PQSOCK_${this.#sender.toUpperCase()}_TRAFFIC_SECRET_${generation}`;
    const key_log = `${label} ${this.#random.toString('hex')} ${secret.toString('hex')}`;
    const [key, iv] = [keyAndIv.subarray(0, 32), keyAndIv.subarray(32)];
    this.secrets.push({ generation, from, secret, key, iv, key_log });
    this.#secret = secret;
    this.seq = 0;
  }
}

/**
 * `EL(prk, label, ctx, L)`.
 *
 * @param {Buffer} prk
 * @param {string} label
 * @param {Buffer} context
 * @param {number} length
 */
function expandLabel(prk, label, context, length) {
  const info = Buffer.concat([u16(length), vec8(Buffer.from(`pqsock1 ${label}`)), vec8(context)]);
  let block = EMPTY;
  let all = EMPTY;
  for (let count = 1; all.length < length; count += 1) {
    block = hmac(prk, Buffer.concat([block, info, Buffer.of(count)]));
    all = Buffer.concat([all, block]);
  }
  return all.subarray(0, length);
}

/** @param {Buffer} prologue */
function startOf(prologue) {
  return Buffer.concat([Buffer.from('pqsock1 transcript\0'), vec8(prologue)]);
}

/**
 * @param {Suite} suite
 * @param {Buffer} pk
 */
function identityOf({ sigalg, label }, pk) {
  const hash = createHash('sha256').update('pqsock1 key').update(Buffer.of(sigalg)).update(pk).digest('base64url');
  return { pk, fingerprint: `pqsock1:${label}:${hash}` };
}

/**
 * @param {number} type
 * @param {Buffer} body
 */
function frameOf(type, body) {
  return Buffer.concat([headerOf(type, body.length), body]);
}

/**
 * @param {number} type
 * @param {number} length
 */
function headerOf(type, length) {
  return Buffer.of(type, length >> 16, length >> 8, length);
}

/** @param {number} value */
function u16(value) {
  return Buffer.of(value >> 8, value);
}

/** @param {Buffer} bytes */
function vec8(bytes) {
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
