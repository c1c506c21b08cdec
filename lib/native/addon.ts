/** The functions of the addon, as it is: numbers and bytes in, a status out. Only `crypto/` calls them. */

/** The operations by their names; the number is the one that a request to {@link Addon.submit} carries. */
export const OPERATION_NUMBERS = {
  kemKeypair: 0,
  kemEncapsulate: 1,
  kemDecapsulate: 2,
  kemCheckPublicKey: 3,
  sigKeypair: 4,
  sigSign: 5,
  sigVerify: 6,
  sigVerifyPeer: 7,
  handshakeAnswer: 8,
  handshakeOffer: 9,
  handshakeAccept: 10,
  sigKeypairFrom: 11,
  sigPublicKey: 12,
  handshakeAnswerJointly: 13,
} as const;

export type OperationName = keyof typeof OPERATION_NUMBERS;

/** An algorithm's number, then outputs, then inputs; the result is a packed status, see status.ts. */
type InlineOperation = (algorithm: number, ...outputsThenInputs: Uint8Array[]) => number;

export interface Addon extends Record<OperationName, InlineOperation> {
  /**
   * Starts calls off the event loop: `[done, operation, algorithm, arguments…, operation, algorithm, arguments…]`.
   * If the status that it returns isn't 0 nothing was started; otherwise `done(status)` is called later. The array
   * and the outputs must be left alone until then; the inputs have been copied.
   */
  submit(request: SubmitRequest): number;
  /** Fills in how many operations the process has done: keypair, sign, verify, encapsulate, decapsulate. */
  operationCounts(into: Float64Array): void;
  /** The CPU's features that its faster code asks for, a bit each: see addon-info.ts. */
  cpuFeatures(): number;
  /** How many threads work off the event loop, and how many requests may wait for one. For the whole process. */
  configurePool(threads: number, waiting: number): void;
  /** Prepares a public or a secret key for the whole process, inline; a number is the status of what went wrong. */
  prepareKey(algorithm: number, key: Uint8Array): PreparedMatrix | number;
  /** Lets go of it; it is let go of by itself when it is collected, and at the end of its environment. */
  releaseKey(matrix: PreparedMatrix): void;
  /** How many keys of peers (`sigVerifyPeer`) are kept prepared, and how many that were seen once are remembered. */
  configurePeers(places: number, seen: number): void;
  /** Fills in how many keys are prepared, peers kept, places there are for peers, peers remembered. */
  matrixCounts(into: Float64Array): void;
  /**
   * Seals many records: see native/records.h. Missing, as the next one, if the process has no AES-GCM for it.
   *
   * @param keyAndIv 44 bytes
   */
  readonly sealRecords?: (
    output: Uint8Array,
    keyAndIv: Uint8Array,
    content: Uint8Array,
    sequence: number,
    type: number,
    recordSize: number,
    padding: number,
  ) => number;
  /**
   * Opens many records.
   *
   * @param results records, consumed, produced, the type of another one or 256, its length
   */
  readonly openRecords?: (
    output: Uint8Array,
    keyAndIv: Uint8Array,
    input: Uint8Array,
    sequence: number,
    type: number,
    most: number,
    results: Uint32Array,
  ) => number;
}

/** The matrix of a key, opaque. */
export type PreparedMatrix = { readonly preparedMatrix: unique symbol };

export type SubmitRequest = [done: (status: number) => void, ...calls: (number | Uint8Array)[]];
