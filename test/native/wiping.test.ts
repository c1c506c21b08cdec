/** That nothing of a secret is left on the stack or in freed memory after an operation. */
import { createHash, randomBytes } from 'node:crypto';
import { sha512 } from '../../lib/crypto/hash.js';
import { expandLabel, extract } from '../../lib/crypto/hkdf.js';
import { Secret } from '../../lib/crypto/secret.js';
import { KEM_ALGORITHMS, SIG_ALGORITHMS, SUITES, type Suite } from '../../lib/crypto/suites.js';
import { OPERATION_NUMBERS, type OperationName } from '../../lib/native/addon.js';
import { type TestAddon, testAddon } from '../support/test-addon.js';

/** What the addon of the tests has for this; see test/native/stack_depth.h and freed_memory.h. */
interface WipingAddon extends TestAddon {
  stackAfterRun(operation: number, algorithm: number, ...args: Uint8Array[]): Buffer | undefined;
  stackAfterPerform(operation: number, algorithm: number, ...args: Uint8Array[]): Buffer | undefined;
  watchFreedMemory(bytes: Uint8Array): void;
  freedMemory(): { readonly blocks: number; readonly found: number };
}

/** An operation with its arguments, and the secrets in them. */
interface SecretCall {
  readonly title: string;
  readonly operation: OperationName;
  readonly algorithm: number;
  readonly args: Uint8Array[];
  readonly secrets: () => Uint8Array[];
  /** A secret that the operation leaves on the stack when nobody clears it, if one does so on every machine. */
  readonly leaves?: Uint8Array;
}

const addon = testAddon as WipingAddon;
const WINDOW = 16;
const PAINT = 0xa5;
const HASHING = 7400; // half as deep again as it goes
const MARGIN = 512; // the frames of those who paint, clear and look, at both ends

const CALLS = [
  ...Object.values(KEM_ALGORITHMS).flatMap(kemCalls),
  ...Object.values(SIG_ALGORITHMS).flatMap(sigCalls),
  ...Object.values(SUITES).flatMap(suiteCalls),
];

describe.each(['with the features of the CPU', 'with the reference code'])('the stack, %s,', (code) => {
  beforeAll(() => void addon.hideCpuFeatures(code === 'with the reference code'));
  afterAll(() => void addon.hideCpuFeatures(false));

  describe.each(CALLS)('after $title', (call) => {
    it('has nothing of the secrets', () => {
      expect(windowsOn(stackAfter('perform', call), call.secrets())).toBe(0);
    });

    if (call.operation.startsWith('handshake')) {
      it('is all zero where its own hashing went; what it is made of has cleared the rest', () => {
        const stack = stackAfter('perform', call);
        expect(stack.subarray(stack.length - HASHING, -MARGIN).every((byte) => byte === 0)).toBe(true);
      });
      return;
    }

    it('is all zero, to half as deep again as the operation went', () => {
      const used = depthOf(stackAfter('run', call));
      const stack = stackAfter('perform', call);
      const cleared = depthOf(stack);
      expect(cleared).toBeGreaterThanOrEqual(used * 1.5);
      expect(stack.subarray(stack.length - cleared + MARGIN, -MARGIN).every((byte) => byte === 0)).toBe(true);
    });
  });

  it.each(CALLS.filter(({ leaves }) => leaves !== undefined))(
    'would have a secret after $title if nobody cleared it',
    (call) => {
      expect(windowsOn(stackAfter('run', call), [call.leaves as Uint8Array])).toBeGreaterThan(0);
      expect(windowsOn(stackAfter('perform', call), [call.leaves as Uint8Array])).toBe(0);
    },
  );
});

describe('freed memory', () => {
  // The secrets of the others are not known before they are made.
  const known: OperationName[] = ['kemDecapsulate', 'sigKeypairFrom', 'sigPublicKey', 'sigSign', 'handshakeAccept'];
  const withKnownSecrets = CALLS.filter(({ operation }) => known.includes(operation));

  it.each(withKnownSecrets)('has nothing of the secrets after $title off the event loop', async (call) => {
    for (const secret of call.secrets()) {
      for (let at = 0; at + WINDOW <= secret.length; at += 512) {
        addon.watchFreedMemory(secret.subarray(at));
        expect(await submitted(call)).toBe(0);
        const { blocks, found } = addon.freedMemory();
        expect(blocks).toBeGreaterThan(0);
        expect(found).toBe(0);
      }
    }
  });
});

function submitted({ operation, algorithm, args }: SecretCall): Promise<number> {
  return new Promise((resolve) => {
    const refused = addon.submit([resolve, OPERATION_NUMBERS[operation], algorithm, ...args]);
    if (refused !== 0) resolve(refused);
  });
}

function kemCalls({ name, number, ...lengths }: (typeof KEM_ALGORITHMS)[keyof typeof KEM_ALGORITHMS]): SecretCall[] {
  const publicKey = new Uint8Array(lengths.publicKeyLength);
  const secretKey = new Uint8Array(lengths.secretKeyLength);
  const ciphertext = new Uint8Array(lengths.ciphertextLength);
  const sharedSecret = new Uint8Array(lengths.sharedSecretLength);
  const seed = randomBytes(32);
  addon.kemKeypair(number, publicKey, secretKey);
  addon.withRandomBytes(seed, () => addon.kemEncapsulate(number, ciphertext, sharedSecret, publicKey));
  // Round 3 hashes the random bytes into the message m, which decapsulation recovers; ML-KEM wipes it by itself.
  const message = createHash('sha3-256').update(seed).digest();
  const newPublicKey = new Uint8Array(lengths.publicKeyLength);
  const newSecretKey = new Uint8Array(lengths.secretKeyLength);
  const newSecret = new Uint8Array(lengths.sharedSecretLength);
  return [
    {
      title: `kemKeypair of ${name}`,
      operation: 'kemKeypair',
      algorithm: number,
      args: [newPublicKey, newSecretKey],
      secrets: () => [newSecretKey],
    },
    {
      title: `kemEncapsulate of ${name}`,
      operation: 'kemEncapsulate',
      algorithm: number,
      args: [new Uint8Array(lengths.ciphertextLength), newSecret, publicKey],
      secrets: () => [newSecret],
    },
    {
      title: `kemDecapsulate of ${name}`,
      operation: 'kemDecapsulate',
      algorithm: number,
      args: [new Uint8Array(lengths.sharedSecretLength), secretKey, ciphertext],
      secrets: () => [secretKey, sharedSecret, message],
      ...(name === 'Kyber1024' ? { leaves: message } : {}),
    },
  ];
}

function sigCalls({ name, number, ...lengths }: (typeof SIG_ALGORITHMS)[keyof typeof SIG_ALGORITHMS]): SecretCall[] {
  const publicKey = new Uint8Array(lengths.publicKeyLength);
  const secretKey = new Uint8Array(lengths.secretKeyLength);
  addon.sigKeypair(number, publicKey, secretKey);
  const [newPublicKey, newSecretKey] = [new Uint8Array(publicKey.length), new Uint8Array(secretKey.length)];
  const seed = randomBytes(32);
  const args = [new Uint8Array(lengths.signatureLength), secretKey, Buffer.from('a message'), new Uint8Array(0)];
  return [
    {
      title: `sigKeypair of ${name}`,
      operation: 'sigKeypair',
      algorithm: number,
      args: [newPublicKey, newSecretKey],
      secrets: () => [newSecretKey],
    },
    {
      title: `sigKeypairFrom of ${name}`,
      operation: 'sigKeypairFrom',
      algorithm: number,
      args: [newPublicKey, newSecretKey, seed],
      secrets: () => [newSecretKey, seed],
    },
    {
      title: `sigPublicKey of ${name}`,
      operation: 'sigPublicKey',
      algorithm: number,
      args: [newPublicKey, secretKey],
      secrets: () => [secretKey],
      leaves: secretKey.subarray(32, 64), // K
    },
    {
      title: `sigSign of ${name}`,
      operation: 'sigSign',
      algorithm: number,
      args,
      secrets: () => [secretKey],
      leaves: secretKey.subarray(32, 64), // K, FIPS 204 §7.2
    },
  ];
}

function suiteCalls({ name, row, kem: kemName, sig: sigName }: Suite): SecretCall[] {
  if (row === undefined) return [];
  const [kem, sig] = [KEM_ALGORITHMS[kemName], SIG_ALGORITHMS[sigName]];
  const [publicKey, secretKey] = [new Uint8Array(sig.publicKeyLength), new Uint8Array(sig.secretKeyLength)];
  addon.sigKeypair(sig.number, publicKey, secretKey);
  const clientFrames = () => new Uint8Array(8 + kem.publicKeyLength + sig.signatureLength);
  const serverFrames = () => new Uint8Array(12 + kem.ciphertextLength + 1 + sig.signatureLength + 64);
  const secrets = () => new Uint8Array(5 * 64 + 2 * 44);
  const [offered, kemSecretKey, answered] = [clientFrames(), new Uint8Array(kem.secretKeyLength), serverFrames()];
  const start = Buffer.alloc(5000, 'a transcript');
  addon.handshakeOffer(row, offered, kemSecretKey, secretKey, start);
  const toAnswer = Buffer.concat([start, offered]);
  const derived = secrets();
  addon.handshakeAnswer(row, answered, derived, secretKey, publicKey, toAnswer);
  const sharedSecret = new Uint8Array(kem.sharedSecretLength);
  addon.kemDecapsulate(kem.number, sharedSecret, kemSecretKey, answered.subarray(4, 4 + kem.ciphertextLength));
  const upToKem = sha512(toAnswer, answered.subarray(0, 4 + kem.ciphertextLength));
  const [newSecrets, newKemSecretKey] = [secrets(), new Uint8Array(kem.secretKeyLength)];
  const [room, jointSecrets] = [new Uint8Array(serverFrames().length + 261), secrets()];
  const toAccept = Buffer.concat([toAnswer, answered.subarray(0, -68)]);
  const call = (operation: OperationName, args: Uint8Array[], ...ofCall: Uint8Array[]) => {
    return { title: `${operation} of ${name}`, operation, algorithm: row, args, secrets: () => ofCall };
  };
  return [
    call('handshakeAnswer', [serverFrames(), newSecrets, secretKey, publicKey, toAnswer], secretKey, newSecrets),
    call('handshakeAnswerJointly', [room, jointSecrets, secretKey, publicKey, toAnswer], secretKey, jointSecrets),
    call('handshakeOffer', [clientFrames(), newKemSecretKey, secretKey, start], secretKey, newKemSecretKey),
    call(
      'handshakeAccept',
      [secrets(), publicKey, kemSecretKey, toAccept],
      ...[kemSecretKey, sharedSecret, derived, ...macKeys(sharedSecret, upToKem)],
    ),
  ];
}

/** hs and the keys of both MACs, as they are and as HMAC pads them. */
function macKeys(sharedSecret: Uint8Array, upToKem: Uint8Array): Uint8Array[] {
  const zeros = Secret.allocate(64);
  const derived = expandLabel(extract(zeros, zeros), 'derived', new Uint8Array(0), 64);
  const secret = extract(derived, Secret.from(sharedSecret));
  const keys = [secret, ...['s finished', 'c finished'].map((label) => expandLabel(secret, label, upToKem, 64))];
  return keys.map((key) => key.export()).flatMap((key) => [0, 0x36, 0x5c].map((pad) => key.map((byte) => byte ^ pad)));
}

function stackAfter(what: 'run' | 'perform', { operation, algorithm, args }: SecretCall): Buffer {
  const probe = what === 'run' ? addon.stackAfterRun : addon.stackAfterPerform;
  const stack = probe(OPERATION_NUMBERS[operation], algorithm, ...args);
  if (stack === undefined) throw new Error(`${operation} was refused`);
  return stack;
}

/** How much of the stack, from its upper end, is no longer what it was painted with. */
function depthOf(stack: Buffer): number {
  return stack.length - stack.findIndex((byte) => byte !== PAINT);
}

/** How many pieces of the secrets, at any place of theirs, stand at any place of the stack. */
function windowsOn(stack: Buffer, secrets: Uint8Array[]): number {
  const text = stack.toString('latin1');
  let found = 0;
  for (const secret of secrets) {
    for (let at = 0; at + WINDOW <= secret.length; at += WINDOW / 2) {
      const piece = Buffer.from(secret.subarray(at, at + WINDOW));
      if (new Set(piece).size >= WINDOW / 2 && text.includes(piece.toString('latin1'))) found += 1;
    }
  }
  return found;
}
