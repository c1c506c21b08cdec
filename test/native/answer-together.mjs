// @ts-check
/**
 * Has one thread answer several handshakes that are all there before it comes to the first, and prints what came of
 * each as JSON, in the order in which they were done; and how many signatures were made.
 */
import { addon } from '../../dist/native/load.js';
import { HandshakeRequests } from './handshake-requests.mjs';

/**
 * @typedef {object} Plan
 * @property {{ key: number, together: boolean, forged?: boolean }[]} handshakes
 * @property {number} behind other requests, which come behind the first handshake
 */

/** @type {Plan} */
const { handshakes, behind } = JSON.parse(process.argv[2] ?? '');
addon.configurePool(1, 10_000);
const requests = new HandshakeRequests(addon);
const keys = [requests.sigKeypair(), requests.sigKeypair()];

const prepared = handshakes.map(({ forged, ...handshake }) => ({
  ...handshake,
  transcript: requests.transcript(forged),
}));
const before = requests.signaturesMade();
/** @type {unknown[]} */
const done = [];
await Promise.all([
  ...Array.from({ length: 400 }, () => requests.occupy()),
  ...prepared.slice(0, 1).map(answer),
  ...Array.from({ length: behind }, () => requests.occupy().then(() => done.push({}))),
  ...prepared.slice(1).map(answer),
]);
process.stdout.write(
  JSON.stringify({
    publicKeys: keys.map(({ publicKey }) => hex(publicKey)),
    kemSecretKey: hex(requests.kemSecretKey),
    signatures: requests.signaturesMade() - before,
    done,
  }),
);

/** @param {(typeof prepared)[number]} handshake */
async function answer({ key, together, transcript }) {
  const { secretKey } = /** @type {import('./handshake-requests.mjs').KeyPair} */ (keys[key]);
  const { status, frames, secrets } = await requests.answer(secretKey, transcript, together);
  done.push({ key, together, status, transcript: hex(transcript), frames: hex(frames), secrets: hex(secrets) });
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
