/** Every operation of every algorithm as the addon takes it, with arguments that are right. */

import { KEM_ALGORITHMS, SIG_ALGORITHMS, SUITES, type Suite } from '../../lib/crypto/suites.js';
import { OPERATION_NUMBERS, type OperationName, type SubmitRequest } from '../../lib/native/addon.js';
import { addon } from '../../lib/native/load.js';

/** Outputs are filled with zeros; `lengthFixed` says of which arguments the length is the algorithm's. */
export interface AddonCall {
  readonly title: string;
  readonly operation: OperationName;
  readonly algorithm: number;
  readonly args: readonly Uint8Array[];
  readonly outputs: number;
  readonly lengthFixed: readonly boolean[];
}

/** Fresh ones each time, so that a test may spoil them. */
export function addonCalls(): AddonCall[] {
  const native = Object.values(SUITES).filter(({ row }) => row !== undefined);
  return [
    ...Object.values(KEM_ALGORITHMS).flatMap(kemCalls),
    ...Object.values(SIG_ALGORITHMS).flatMap(sigCalls),
    ...native.flatMap(suiteCalls),
  ];
}

/** Submits a request and gives its status: at once if it is refused, later if it is done. */
export function submitted(...calls: SubmitRequest[1][]): Promise<number> {
  return new Promise((resolve) => {
    const refused = addon.submit([resolve, ...calls]);
    if (refused !== 0) resolve(refused);
  });
}

/** A call as it stands in a request. */
export function inRequest({ operation, algorithm, args }: AddonCall): (number | Uint8Array)[] {
  return [OPERATION_NUMBERS[operation], algorithm, ...args];
}

function kemCalls(row: (typeof KEM_ALGORITHMS)[keyof typeof KEM_ALGORITHMS]): AddonCall[] {
  const publicKey = new Uint8Array(row.publicKeyLength);
  const secretKey = new Uint8Array(row.secretKeyLength);
  const ciphertext = new Uint8Array(row.ciphertextLength);
  addon.kemKeypair(row.number, publicKey, secretKey);
  addon.kemEncapsulate(row.number, ciphertext, new Uint8Array(row.sharedSecretLength), publicKey);
  const sharedSecret = () => new Uint8Array(row.sharedSecretLength);
  const outputs = [new Uint8Array(row.publicKeyLength), new Uint8Array(row.secretKeyLength)];
  const fixed = [true, true, true];
  return [
    call(row, 'kemKeypair', outputs, 2, fixed),
    call(row, 'kemEncapsulate', [new Uint8Array(row.ciphertextLength), sharedSecret(), publicKey], 2, fixed),
    call(row, 'kemDecapsulate', [sharedSecret(), secretKey, ciphertext], 1, fixed),
    call(row, 'kemCheckPublicKey', [publicKey], 0, fixed),
  ];
}

function sigCalls(row: (typeof SIG_ALGORITHMS)[keyof typeof SIG_ALGORITHMS]): AddonCall[] {
  const publicKey = new Uint8Array(row.publicKeyLength);
  const secretKey = new Uint8Array(row.secretKeyLength);
  const signature = new Uint8Array(row.signatureLength);
  const message = new Uint8Array(100);
  const context = new Uint8Array(0);
  addon.sigKeypair(row.number, publicKey, secretKey);
  addon.sigSign(row.number, signature, secretKey, message, context);
  const outputs = [new Uint8Array(row.publicKeyLength), new Uint8Array(row.secretKeyLength)];
  const toSign = [new Uint8Array(row.signatureLength), secretKey, message, context];
  return [
    call(row, 'sigKeypair', outputs, 2, [true, true]),
    call(row, 'sigKeypairFrom', [...outputs, new Uint8Array(32)], 2, [true, true, true]),
    call(row, 'sigPublicKey', [new Uint8Array(row.publicKeyLength), secretKey], 1, [true, true]),
    call(row, 'sigSign', toSign, 1, [true, true, false, false]),
    call(row, 'sigVerify', [publicKey, message, signature, context], 0, [true, false, false, false]),
    call(row, 'sigVerifyPeer', [publicKey, message, signature, context], 0, [true, false, false, false]),
  ];
}

/** With the transcript that they are part of, of which all but the ends is made up. */
function suiteCalls({ name, row, kem: kemName, sig: sigName }: Suite): AddonCall[] {
  const [kem, sig] = [KEM_ALGORITHMS[kemName], SIG_ALGORITHMS[sigName]];
  const suite = { name, number: row as number };
  const publicKey = new Uint8Array(sig.publicKeyLength);
  const secretKey = new Uint8Array(sig.secretKeyLength);
  addon.sigKeypair(sig.number, publicKey, secretKey);
  const start = new Uint8Array(5000).fill(7);
  const clientFrames = () => new Uint8Array(4 + kem.publicKeyLength + 4 + sig.signatureLength);
  const serverFrames = () => new Uint8Array(4 + kem.ciphertextLength + 4 + 1 + sig.signatureLength + 4 + 64);
  const secrets = () => new Uint8Array(5 * 64 + 2 * 44);
  const [offered, kemSecretKey, answered] = [clientFrames(), new Uint8Array(kem.secretKeyLength), serverFrames()];
  addon.handshakeOffer(suite.number, offered, kemSecretKey, secretKey, start);
  const toAnswer = Buffer.concat([start, offered]);
  addon.handshakeAnswer(suite.number, answered, secrets(), secretKey, publicKey, toAnswer);
  const toAccept = Buffer.concat([toAnswer, answered.subarray(0, -68)]);
  const answer = [serverFrames(), secrets(), secretKey, publicKey, toAnswer];
  const room = new Uint8Array(serverFrames().length + 261);
  const offer = [clientFrames(), new Uint8Array(kem.secretKeyLength), secretKey, start];
  return [
    call(suite, 'handshakeAnswer', answer, 2, [true, true, true, true, false]),
    call(suite, 'handshakeOffer', offer, 2, [true, true, true, false]),
    call(suite, 'handshakeAccept', [secrets(), publicKey, kemSecretKey, toAccept], 1, [true, true, true, false]),
    call(suite, 'handshakeAnswerJointly', [room, ...answer.slice(1)], 2, [true, true, true, true, false]),
  ];
}

function call(
  row: { readonly name: string; readonly number: number },
  operation: OperationName,
  args: readonly Uint8Array[],
  outputs: number,
  lengthFixed: readonly boolean[],
): AddonCall {
  return { title: `${operation} of ${row.name}`, operation, algorithm: row.number, args, outputs, lengthFixed };
}
