/**
 * The store of expanded matrices: whose they are, who uses them, and which peers get a place. A matrix is made wrong on
 * purpose (`spoilMatrix`), so that whoever uses it gives itself away: what it signs and verifies is wrong as well.
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { SIG_ALGORITHMS, type SigAlgorithm, type SigName } from '../../lib/crypto/suites.js';
import { OPERATION_NUMBERS, type PreparedMatrix } from '../../lib/native/addon.js';
import { STATUS } from '../../lib/native/status.js';
import { testAddon as addon, TEST_ADDON_FOLDER } from '../support/test-addon.js';
import { signWithZeroKey, zeroPublicKey } from '../support/zero-key-signer.js';

const { ok, notVerified } = STATUS;
const HAS_FAST_CODE = addon.hideCpuFeatures(false);
const CODES = HAS_FAST_CODE ? ['with the features of the CPU', 'with the reference code'] : ['with the reference code'];
const ROWS = Object.values<SigAlgorithm>(SIG_ALGORITHMS);
const [ROW] = ROWS as [SigAlgorithm];
const RHO_LENGTH = 32;
const NONE = new Uint8Array(0);
const MESSAGE = Buffer.from('a message');

beforeEach(() => void addon.hideCpuFeatures(false));
afterEach(() => {
  addon.configurePeers(0, 0);
  expect(counts().pinned).toBe(0);
});
afterAll(() => void addon.hideCpuFeatures(false));

describe.each(CODES)('%s', (code) => {
  beforeEach(() => void addon.hideCpuFeatures(code === 'with the reference code'));

  describe.each(ROWS)('matrices of $name', (row) => {
    it('are what the algorithm multiplies with', async () => {
      const key = new Key(row);
      const before = key.sign();
      const matrix = key.prepare(key.publicKey);
      expect([key.verify(before), await key.verifyOnPool(before), key.verify(key.sign())]).toEqual([ok, ok, ok]);

      key.spoil();
      expect([key.verify(before), await key.verifyOnPool(before)]).toEqual([notVerified, notVerified]);
      const wrong = key.sign();
      key.spoil();
      expect([key.verify(before), key.verify(wrong)]).toEqual([ok, notVerified]);
      addon.releaseKey(matrix);
    });

    it('are those of a secret key and of its public key alike', () => {
      const key = new Key(row);
      const signature = key.sign();
      const matrices = [key.prepare(key.secretKey), key.prepare(key.publicKey)];
      expect(counts().pinned).toBe(1);
      key.spoil();
      expect(key.verify(signature)).toBe(notVerified);
      for (const matrix of matrices) addon.releaseKey(matrix);
      expect([counts().pinned, key.verify(signature)]).toEqual([0, ok]);
    });

    it('are of no use to another key', () => {
      const [key, other] = [new Key(row), new Key(row)];
      const signature = other.sign();
      const matrix = key.prepare(key.publicKey);
      key.spoil();
      expect(other.verify(signature)).toBe(ok);
      expect(addon.verifyOffering(matrix, row.number, other.publicKey, MESSAGE, signature)).toBe(true);
      const zero = addon.prepareKey(row.number, zeroPublicKey) as PreparedMatrix;
      for (let i = 0; i < RHO_LENGTH; i += 1) {
        const near = Uint8Array.from(zeroPublicKey);
        near[i] = 1;
        const nearly = addon.prepareKey(row.number, near) as PreparedMatrix;
        expect(counts().pinned).toBe(3);
        expect(addon.verifyOffering(nearly, row.number, zeroPublicKey, MESSAGE, signatureOf(row))).toBe(true);
        addon.releaseKey(nearly);
      }
      for (const prepared of [zero, matrix]) addon.releaseKey(prepared);
    });

    it('are of no use to the other algorithm, for the same ρ', () => {
      const matrix = addon.prepareKey(row.number, zeroPublicKey) as PreparedMatrix;
      addon.spoilMatrix(row.number, zeroPublicKey);
      for (const other of ROWS) {
        const args = [zeroPublicKey, MESSAGE, signatureOf(other)] as const;
        const statuses = [
          addon.sigVerify(other.number, ...args, NONE) === ok,
          addon.verifyOffering(matrix, other.number, ...args),
        ];
        const isOther = other.name !== row.name;
        expect([other.name, ...statuses]).toEqual([other.name, isOther, isOther]);
      }
      addon.releaseKey(matrix);
    });

    it('go with the last who asked for them, however often one lets go', () => {
      const key = new Key(row);
      const signature = key.sign();
      const [one, two] = [key.prepare(key.publicKey), key.prepare(key.publicKey)];
      key.spoil();
      for (let i = 0; i < 3; i += 1) addon.releaseKey(one);
      expect([counts().pinned, key.verify(signature)]).toEqual([1, notVerified]);
      addon.releaseKey(two);
      expect([counts().pinned, key.verify(signature)]).toEqual([0, ok]);
    });
  });
});

(HAS_FAST_CODE ? it : it.skip).each([false, true])(
  'are of no use to other code (made with features hidden: %p)',
  (hidden) => {
    for (const row of ROWS) {
      const key = new Key(row);
      const signature = key.sign();
      addon.hideCpuFeatures(hidden);
      const matrix = key.prepare(key.publicKey);
      key.spoil();
      expect(key.verify(signature)).toBe(notVerified);
      addon.hideCpuFeatures(!hidden);
      expect([key.verify(signature), key.verify(key.sign())]).toEqual([ok, ok]);
      expect(addon.verifyOffering(matrix, row.number, key.publicKey, MESSAGE, signature)).toBe(true);
      const own = key.prepare(key.publicKey);
      expect([counts().pinned, key.verify(signature)]).toEqual([2, ok]);
      key.spoil();
      expect(key.verify(signature)).toBe(notVerified);
      addon.releaseKey(own);
      addon.releaseKey(matrix);
    }
  },
);

describe('prepareKey', () => {
  it.each<[unknown, Uint8Array | unknown, number]>([
    [0, new Uint8Array(1568), STATUS.unknownAlgorithm],
    [4, new Uint8Array(2592), STATUS.unknownAlgorithm],
    ['2', new Uint8Array(2592), STATUS.unknownAlgorithm],
    [2, new Uint8Array(2591), STATUS.wrongLength],
    [2, new Uint8Array(4896), STATUS.wrongLength],
    [2, new Uint8Array(0), STATUS.wrongLength],
    [2, 'key', STATUS.wrongType],
    [2, undefined, STATUS.wrongType],
    [2, new Uint8Array(new SharedArrayBuffer(2592)), STATUS.shared],
  ])('answers algorithm %p and such a key with a status', (algorithm, key, status) => {
    expect(addon.prepareKey(algorithm as number, key as Uint8Array)).toBe(status);
  });

  it('makes what nothing else can be taken for', () => {
    for (const other of [undefined, null, 1, {}, new Uint8Array(8)]) addon.releaseKey(other as PreparedMatrix);
  });

  it('holds nothing that was forgotten', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 20; i += 1) new Key(ROW).prepare(Buffer.alloc(ROW.publicKeyLength, i));
    expect(counts().pinned).toBe(20);
    for (let i = 0; i < 100 && counts().pinned > 0; i += 1) {
      collect();
      await setImmediate();
    }
    expect(counts().pinned).toBe(0);
  });

  it('holds nothing for a worker that has ended', async () => {
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      globalThis.kept = require(workerData).prepareKey(2, new Uint8Array(2592));
      parentPort.postMessage(typeof kept);
      setInterval(() => {}, 1000);`;
    const workerData = `${TEST_ADDON_FOLDER}/build/Release/pqsock-test.node`;
    const worker = new Worker(program, { eval: true, workerData });
    expect(await once(worker, 'message')).toEqual(['object']);
    expect(counts().pinned).toBe(1);
    await worker.terminate();
    expect(counts().pinned).toBe(0);
  });
});

describe('peers', () => {
  const PLACES = 4;
  const SEEN = 8;
  beforeEach(() => addon.configurePeers(PLACES, SEEN));

  it('get a place when their second signature is right', async () => {
    for (const row of ROWS) {
      const peer = new Peer(row);
      expect([peer.comes(), peer.isKept()]).toEqual([ok, false]);
      expect([await peer.comesOnPool(), peer.isKept()]).toEqual([ok, true]);
      expect([peer.comes(), peer.isKept()]).toEqual([ok, true]);
    }
    expect(counts()).toEqual({ pinned: 0, peers: ROWS.length, places: PLACES, seen: 0 });
  });

  it('get none by wrong signatures, and none are remembered', () => {
    const peer = new Peer(ROW);
    for (let i = 0; i < 5; i += 1) expect(peer.comesWithWrongSignature()).toBe(notVerified);
    expect(counts()).toMatchObject({ peers: 0, seen: 0 });
    expect([peer.comes(), counts().seen]).toEqual([ok, 1]);
    for (let i = 0; i < 5; i += 1) expect(peer.comesWithWrongSignature()).toBe(notVerified);
    expect(counts()).toMatchObject({ peers: 0, seen: 1 });
  });

  it('get none by the verifications of others than handshakes', () => {
    const peer = new Peer(ROW);
    for (let i = 0; i < 5; i += 1) expect(peer.verify(peer.signature)).toBe(ok);
    expect(counts()).toMatchObject({ peers: 0, seen: 0 });
  });

  it('lose none to any number of peers that come once', () => {
    const honest = peersWithPlaces(PLACES);
    for (let i = 0; i < 5 * SEEN; i += 1) expect(new Peer(ROW).comes()).toBe(ok);
    expect(honest.map((peer) => peer.isKept())).toEqual(honest.map(() => true));
    expect(counts()).toMatchObject({ peers: PLACES, seen: SEEN });
  });

  it('lose theirs to others that come twice, whoever has not come for longest first', () => {
    const [a, b, c, d] = peersWithPlaces(PLACES) as [Peer, Peer, Peer, Peer];
    expect([a.comes(), c.comes()]).toEqual([ok, ok]);
    expect([b.comesWithWrongSignature(), b.verify(b.signature)]).toEqual([notVerified, ok]);
    peersWithPlaces(2);
    expect([a, b, c, d].map((peer) => peer.isKept())).toEqual([true, false, true, false]);
    expect(counts().peers).toBe(PLACES);
  });

  it('are forgotten when more others came once than are remembered', () => {
    const [remembered, forgotten] = [new Peer(ROW), new Peer(ROW)];
    forgotten.comes();
    remembered.comes();
    for (let i = 0; i < SEEN - 1; i += 1) new Peer(ROW).comes();
    expect([remembered.comes(), remembered.isKept()]).toEqual([ok, true]);
    expect([forgotten.comes(), forgotten.isKept()]).toEqual([ok, false]);
  });

  it('have as many places as there are now', () => {
    const peers = peersWithPlaces(PLACES);
    addon.configurePeers(1, SEEN);
    expect(peers.map((peer) => peer.isKept())).toEqual([false, false, false, true]);
    addon.configurePeers(0, 0);
    for (const peer of peers) expect([peer.comes(), peer.comes(), peer.isKept()]).toEqual([ok, ok, false]);
    expect(counts()).toEqual({ pinned: 0, peers: 0, places: 0, seen: 0 });
  });

  it('keep their place when the same key was prepared and let go of', () => {
    const [peer] = peersWithPlaces(1) as [Peer];
    addon.releaseKey(peer.prepare(peer.publicKey));
    expect([counts(), peer.isKept()]).toEqual([{ pinned: 0, peers: 1, places: PLACES, seen: 0 }, true]);
  });

  it('take no place beside a key that is prepared', () => {
    const peer = new Peer(ROW);
    const matrix = peer.prepare(peer.publicKey);
    for (let i = 0; i < 3; i += 1) peer.comes();
    expect(counts()).toEqual({ pinned: 1, peers: 0, places: PLACES, seen: 0 });
    addon.releaseKey(matrix);
  });

  it('are remembered once, and have one place, when two threads meet them at once', async () => {
    const count = 100;
    addon.configurePeers(2 * count, 2 * count);
    const known = Array.from({ length: count }, () => new Peer(ROW));
    const comeTwice = () => Promise.all(known.flatMap((peer) => [peer.comesOnPool(), peer.comesOnPool()]));
    await comeTwice();
    const { peers, seen } = counts();
    expect(peers + seen).toBe(count); // the second of two that came at once is no later one
    await comeTwice();
    expect(counts()).toMatchObject({ peers: count, seen: 0 });
  });

  it('may come on all threads at once', async () => {
    const peers = Array.from({ length: 2 * PLACES }, () => new Peer(ROW));
    const visits = Array.from({ length: 25 }, () => peers).flat();
    expect(new Set(await Promise.all(visits.map((peer) => peer.comesOnPool())))).toEqual(new Set([ok]));
    expect(counts()).toMatchObject({ pinned: 0, peers: PLACES });
  });

  function peersWithPlaces(count: number): Peer[] {
    return Array.from({ length: count }, () => {
      const peer = new Peer(ROW);
      expect([peer.comes(), peer.comes()]).toEqual([ok, ok]);
      return peer;
    });
  }
});

/** A signature of the key that is all zero, whose ρ is the same for all algorithms. */
function signatureOf({ name }: SigAlgorithm): Buffer {
  return signWithZeroKey(name as SigName, MESSAGE, { polynomial: 0, coefficient: 0, value: 1 });
}

class Key {
  readonly row: SigAlgorithm;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;

  constructor(row: SigAlgorithm) {
    this.row = row;
    this.publicKey = new Uint8Array(row.publicKeyLength);
    this.secretKey = new Uint8Array(row.secretKeyLength);
    addon.sigKeypair(row.number, this.publicKey, this.secretKey);
  }

  sign(): Uint8Array {
    const signature = new Uint8Array(this.row.signatureLength);
    expect(addon.sigSign(this.row.number, signature, this.secretKey, MESSAGE, NONE)).toBe(ok);
    return signature;
  }

  verify(signature: Uint8Array): number {
    return addon.sigVerify(this.row.number, this.publicKey, MESSAGE, signature, NONE);
  }

  verifyOnPool(signature: Uint8Array): Promise<number> {
    return onPool('sigVerify', this.row.number, this.publicKey, MESSAGE, signature, NONE);
  }

  prepare(key: Uint8Array): PreparedMatrix {
    const prepared = addon.prepareKey(this.row.number, key);
    if (typeof prepared === 'number') throw new Error(`prepareKey: status ${prepared}`);
    return prepared;
  }

  spoil(): void {
    addon.spoilMatrix(this.row.number, this.publicKey);
  }
}

/** A key that comes with a signature, as in a handshake. */
class Peer extends Key {
  readonly signature = this.sign();

  comes(): number {
    return addon.sigVerifyPeer(this.row.number, this.publicKey, MESSAGE, this.signature, NONE);
  }

  comesOnPool(): Promise<number> {
    return onPool('sigVerifyPeer', this.row.number, this.publicKey, MESSAGE, this.signature, NONE);
  }

  comesWithWrongSignature(): number {
    return addon.sigVerifyPeer(this.row.number, this.publicKey, NONE, this.signature, NONE);
  }

  /** Leaves no trace: it is no visit, and the matrix is as it was. */
  isKept(): boolean {
    this.spoil();
    const status = this.verify(this.signature);
    this.spoil();
    return status === notVerified;
  }
}

function onPool(operation: 'sigVerify' | 'sigVerifyPeer', number: number, ...args: Uint8Array[]): Promise<number> {
  return new Promise((resolve) => {
    const refused = addon.submit([resolve, OPERATION_NUMBERS[operation], number, ...args]);
    if (refused !== ok) resolve(refused);
  });
}

function counts(): Record<'pinned' | 'peers' | 'places' | 'seen', number> {
  const numbers = new Float64Array(4);
  addon.matrixCounts(numbers);
  const [pinned = -1, peers = -1, places = -1, seen = -1] = numbers;
  return { pinned, peers, places, seen };
}
