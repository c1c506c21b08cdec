// @ts-check
/** Connections that succeed, and that fail in every way that is easily had, for shown-secrets.mjs to play. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Identity } from 'pqsock';
import { show } from './show.mjs';

/** @typedef {import('./flip-frame.mjs').Flip} Flip */
/** @typedef {(client: any, server: any) => Promise<void>} Talk what both do once the connection is open */
/** @typedef {{ ours: any, theirs: any }} Identities the server's, and the client's */
/** @typedef {{ client: any, server: any }} Sides their options */
/** @typedef {{ name: string, identities: Identities, options: Sides, flip?: Flip, talk?: Talk }} Scene */

const RENEWING = { keyRecords: 3, rekeyInterval: 1, rekeyLeast: 0 };
const FRAMES = { ServerHello: 1, ClientHello: 2, ClientKem: 3, ClientAuth: 4, ServerKem: 5, ServerAuth: 6 };
const FINISHED = { ServerFinished: 7, ClientFinished: 8 };
const RECORD = 0x10;

/**
 * Data both ways, with a new key for every record or two; in the hardened profile also by REKEY.
 *
 * @param {string} name
 * @param {Identities} identities
 * @param {Sides} sides
 * @returns {Scene}
 */
export function success(name, identities, { client, server }) {
  const renewing = client.profile === 'seed' ? {} : { limits: RENEWING, padding: 64 };
  const options = { client: { ...client, ...renewing }, server: { ...server, ...renewing } };
  const talk = async (/** @type {any} */ socket, /** @type {any} */ accepted) => {
    show('open client', socket);
    show('open server', accepted);
    if (client.profile !== 'seed') socket.exportKeyingMaterial(32, 'for nobody');
    for (let i = 0; i < 8; i += 1) {
      socket.write(`to ${i}`);
      await once(accepted, 'data');
      accepted.write(`fro ${i}`);
      await once(socket, 'data');
      await delay(1); // so that the next REKEY is due
    }
    socket.end();
    accepted.end();
  };
  return { name, identities, options, talk };
}

/**
 * In the hardened profile.
 *
 * @param {string} name
 * @param {Identities} identities
 * @param {Sides} sides
 * @returns {Promise<Scene[]>}
 */
export async function failures(name, identities, sides) {
  const { ours } = identities;
  const limits = { client: { ...RENEWING, keyRecords: 2 }, server: { rekeyLeast: 0, keyUpdates: 1 } };
  const frames = Object.entries({ ...FRAMES, ...FINISHED }).map(([frame, type]) => {
    const flip = /** @type {Flip} */ ({ from: frame.startsWith('Client') ? 'client' : 'server', type });
    return { name: `${frame} is changed`, identities, options: sides, flip };
  });
  const records = /** @type {const} */ (['client', 'server']).flatMap((from) => [
    { name: `a record of the ${from} is changed`, flip: { from, type: RECORD }, talk: talkBothWays },
    { name: `the ${from} is cut off`, flip: { from, type: RECORD, cut: true }, talk: talkBothWays },
  ]);
  const flip = /** @type {Flip} */ ({ from: 'server', type: RECORD });
  return [
    ...(await failuresOfBoth(name, identities, sides)),
    ...[
      { name: 'another prologue', options: both(sides, { prologue: 'a' }, { prologue: 'b' }) },
      { name: 'our own key', identities: { ours, theirs: ours } },
      ...frames,
      ...records,
      { name: 'REKEY_RESP is changed', options: both(sides, { limits: RENEWING }), flip, talk: askForRekey },
      {
        name: 'too many KEY_UPDATEs',
        options: both(sides, { limits: limits.client }, { limits: limits.server }),
        talk: flood,
      },
    ].map((scene) => ({ identities, options: sides, ...scene, name: `${name} fails: ${scene.name}` })),
  ];
}

/**
 * In the seed profile, where a frame is a field.
 *
 * @param {string} name
 * @param {Identities} identities
 * @param {Sides} options
 * @returns {Promise<Scene[]>}
 */
export async function seedFailures(name, identities, options) {
  const flips = /** @type {const} */ (['server', 'client']).flatMap((from) => [1, 2].map((nth) => ({ from, nth })));
  const fields = flips.map((flip) => ({ name: `field ${flip.nth} of the ${flip.from} is changed`, flip }));
  const record = {
    name: 'a record is changed',
    flip: /** @type {Flip} */ ({ from: 'client', nth: 3 }),
    talk: sayAndEnd,
  };
  return [
    ...(await failuresOfBoth(name, identities, options)),
    ...[...fields, record].map((scene) => ({ identities, options, ...scene, name: `${name} fails: ${scene.name}` })),
  ];
}

/**
 * What fails alike in both profiles.
 *
 * @param {string} name
 * @param {Identities} identities
 * @param {Sides} sides
 * @returns {Promise<Scene[]>}
 */
async function failuresOfBoth(name, identities, sides) {
  const { algorithm, profile } = identities.ours;
  const stranger = await Identity.generate({ algorithm, profile });
  const broken = () => {
    throw new Error('the policy is broken', { cause: new TypeError('because of this') });
  };
  const waiting = { trust: () => new Promise(() => {}), handshakeTimeout: 400 };
  const silent = { handshakeTimeout: 200 };
  return [
    { name: 'the client refuses', options: both(sides, { trust: stranger.fingerprint }, {}) },
    { name: 'the server refuses', options: both(sides, { identity: stranger }, {}) },
    { name: "the client's policy throws", options: both(sides, { trust: broken }, {}) },
    { name: "the server's policy throws", options: both(sides, {}, { trust: broken }) },
    { name: "the server's policy is silent", options: both(sides, silent, waiting) },
    { name: "the client's policy is silent", options: both(sides, waiting, silent) },
    { name: 'the application aborts', options: sides, talk: giveUp },
  ].map((scene) => ({ identities, ...scene, name: `${name} fails: ${scene.name}` }));
}

/**
 * @param {Sides} sides
 * @param {any} ofClient
 * @param {any} [ofServer] the same, unless it is said
 */
function both({ client, server }, ofClient, ofServer = ofClient) {
  return { client: { ...client, ...ofClient }, server: { ...server, ...ofServer } };
}

/** @type {Talk} */
async function talkBothWays(socket, accepted) {
  socket.write('to');
  await once(accepted, 'data');
  accepted.write('fro');
  await once(socket, 'data');
}

/** @type {Talk} */
async function askForRekey(socket) {
  await delay(2);
  socket.write('x');
}

/** @type {Talk} */
async function flood(socket) {
  while (!socket.destroyed) {
    socket.write('x');
    await delay(2);
  }
}

/** @type {Talk} */
async function sayAndEnd(socket) {
  socket.end('x');
}

/** @type {Talk} */
async function giveUp(socket) {
  socket.destroy(new Error('the application has had enough'));
}
