// @ts-check
/** Every operation of every algorithm, as the addon takes it, and what must become of it. */
import { OPERATION_NUMBERS } from '../../dist/native/addon.js';
import { addon } from '../../dist/native/load.js';

/**
 * `free` are the arguments whose length is not the algorithm's; a transcript has at least the frames at its end.
 *
 * @typedef {{ operation: keyof typeof OPERATION_NUMBERS, algorithm: number, args: Uint8Array[], outputs: number,
 *   free: number[] }} Call
 */

const NOT_VERIFIED = 1;
const VERIFYING = ['sigVerify', 'sigVerifyPeer', 'handshakeAnswer', 'handshakeAnswerJointly', 'handshakeAccept'];
const LENGTHS = [
  { pk: 1568, sk: 3168, ct: 1568, ss: 32 },
  { pk: 1568, sk: 3168, ct: 1568, ss: 32 },
  { pk: 2592, sk: 4864, sig: 4595 },
  { pk: 2592, sk: 4896, sig: 4627 },
];

/**
 * One of each operation and algorithm, with arguments that are right.
 *
 * @returns {Call[]}
 */
export function calls() {
  const single = LENGTHS.flatMap(({ pk, sk, ct = 0, ss = 0, sig = 0 }, algorithm) => {
    const keys = [new Uint8Array(pk), new Uint8Array(sk)];
    return sig === 0 ? kemCalls(algorithm, keys, ct, ss) : sigCalls(algorithm, keys, sig);
  });
  return [...single, ...suiteCalls(4, 0, 2), ...suiteCalls(5, 1, 3)];
}

/** @param {Call} call */
export function inline({ operation, algorithm, args }) {
  return addon[operation](algorithm, ...args);
}

/**
 * @param {Call} call
 * @returns {Promise<number>}
 */
export function submitted({ operation, algorithm, args }) {
  return new Promise((resolve) => {
    const refused = addon.submit([resolve, OPERATION_NUMBERS[operation], algorithm, ...args]);
    if (refused !== 0) resolve(refused);
  });
}

/**
 * Runs a call in both forms.
 *
 * @param {Call} call
 * @param {'done' | 'refused' | 'done or refused'} expected
 */
export async function expectBothForms(call, expected) {
  for (const status of [inline(call), await submitted(call)]) {
    const isDone = status === 0 || ((status & 0xff) === NOT_VERIFIED && VERIFYING.includes(call.operation));
    if (expected === 'done or refused' || isDone === (expected === 'done')) continue;
    throw new Error(`${call.operation} of algorithm ${String(call.algorithm)} gave ${status}: expected ${expected}`);
  }
}

/**
 * @param {Call} call
 * @param {number} at
 * @param {unknown} value
 * @returns {Call}
 */
export function withArgument(call, at, value) {
  return { ...call, args: call.args.with(at, /** @type {Uint8Array} */ (value)) };
}

/**
 * @param {number} algorithm
 * @param {Uint8Array[]} keys
 * @param {number} ct
 * @param {number} ss
 * @returns {Call[]}
 */
function kemCalls(algorithm, [publicKey = never(), secretKey = never()], ct, ss) {
  const [ciphertext, sharedSecret] = [new Uint8Array(ct), new Uint8Array(ss)];
  addon.kemKeypair(algorithm, publicKey, secretKey);
  addon.kemEncapsulate(algorithm, ciphertext, sharedSecret, publicKey);
  const common = { algorithm, outputs: 2, free: [] };
  const made = [new Uint8Array(publicKey.length), new Uint8Array(secretKey.length)];
  return [
    { ...common, operation: 'kemKeypair', args: made },
    { ...common, operation: 'kemEncapsulate', args: [new Uint8Array(ct), new Uint8Array(ss), publicKey] },
    { ...common, operation: 'kemDecapsulate', args: [new Uint8Array(ss), secretKey, ciphertext], outputs: 1 },
    { ...common, operation: 'kemCheckPublicKey', args: [publicKey], outputs: 0 },
  ];
}

/**
 * @param {number} algorithm
 * @param {Uint8Array[]} keys
 * @param {number} sig
 * @returns {Call[]}
 */
function sigCalls(algorithm, [publicKey = never(), secretKey = never()], sig) {
  const [message, context, signature] = [new Uint8Array(33), new Uint8Array(0), new Uint8Array(sig)];
  addon.sigKeypair(algorithm, publicKey, secretKey);
  addon.sigSign(algorithm, signature, secretKey, message, context);
  const made = [new Uint8Array(publicKey.length), new Uint8Array(secretKey.length)];
  const toSign = [new Uint8Array(sig), secretKey, message, context];
  const toVerify = [publicKey, message, signature, context];
  return [
    { algorithm, operation: 'sigKeypair', args: made, outputs: 2, free: [] },
    { algorithm, operation: 'sigKeypairFrom', args: [...made, new Uint8Array(32)], outputs: 2, free: [] },
    { algorithm, operation: 'sigPublicKey', args: [new Uint8Array(publicKey.length), secretKey], outputs: 1, free: [] },
    { algorithm, operation: 'sigSign', args: toSign, outputs: 1, free: [2, 3] },
    { algorithm, operation: 'sigVerify', args: toVerify, outputs: 0, free: [1, 2, 3] },
    { algorithm, operation: 'sigVerifyPeer', args: toVerify, outputs: 0, free: [1, 2, 3] },
  ];
}

/**
 * @param {number} suite
 * @param {number} kem
 * @param {number} sig
 * @returns {Call[]}
 */
function suiteCalls(suite, kem, sig) {
  const [{ pk: kemPk, sk: kemSk, ct = 0 }, { pk, sk, sig: signature = 0 }] = [
    LENGTHS[kem] ?? never(),
    LENGTHS[sig] ?? never(),
  ];
  const [publicKey, secretKey, kemSecretKey] = [new Uint8Array(pk), new Uint8Array(sk), new Uint8Array(kemSk)];
  addon.sigKeypair(sig, publicKey, secretKey);
  const start = new Uint8Array(300);
  const clientFrames = () => new Uint8Array(8 + kemPk + signature);
  const serverFrames = () => new Uint8Array(12 + ct + 1 + signature + 64);
  const secrets = () => new Uint8Array(5 * 64 + 2 * 44);
  const [offered, answered] = [clientFrames(), serverFrames()];
  addon.handshakeOffer(suite, offered, kemSecretKey, secretKey, start);
  const toAnswer = Buffer.concat([start, offered]);
  addon.handshakeAnswer(suite, answered, secrets(), secretKey, publicKey, toAnswer);
  const toAccept = Buffer.concat([toAnswer, answered.subarray(0, -68)]);
  const answer = [serverFrames(), secrets(), secretKey, publicKey, Uint8Array.from(toAnswer)];
  const room = new Uint8Array(serverFrames().length + 261);
  const jointly = [room, secrets(), secretKey, publicKey, Uint8Array.from(toAnswer)];
  const offer = [clientFrames(), new Uint8Array(kemSk), secretKey, start];
  const accept = [secrets(), publicKey, kemSecretKey, Uint8Array.from(toAccept)];
  return [
    { algorithm: suite, operation: 'handshakeAnswer', args: answer, outputs: 2, free: [4] },
    { algorithm: suite, operation: 'handshakeOffer', args: offer, outputs: 2, free: [3] },
    { algorithm: suite, operation: 'handshakeAccept', args: accept, outputs: 1, free: [3] },
    { algorithm: suite, operation: 'handshakeAnswerJointly', args: jointly, outputs: 2, free: [4] },
  ];
}

/** @returns {never} */
function never() {
  throw new Error('a key is missing');
}
