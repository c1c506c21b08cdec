// @ts-check
/** pqsock, hardened, with its default options and pinned fingerprints on both sides. */
import * as pqsock from 'pqsock';
import { operationCounts } from 'pqsock/oqs';
import { IDENTITIES } from '../identities.mjs';
import { HOST, listen } from './listen.mjs';

/**
 * @typedef {import('./transport.mjs').Transport} Transport
 * @typedef {import('./transport.mjs').Take} Take
 * @typedef {import('./transport.mjs').Fail} Fail
 * @typedef {object} Settings
 * @property {import('pqsock/oqs').SigName} algorithm
 * @property {import('../../../dist/crypto/suites.js').SuiteName} suite
 * @property {boolean} [pureJs] whether noble stands in for the addon
 * @property {boolean} [onread] whether the client reads into a buffer that is used again and again
 * @property {object} [timeouts] options of both sides, if they aren't the default ones
 * @property {import('pqsock').ServerLimits} [limits] of the server; likewise
 * @property {boolean} [batchSignatures] of the server
 */

// Bytes, as many as Node reads at once.
const READ = 64 * 1024;

/** @implements {Transport} */
export class PqTransport {
  #settings;
  /** @type {pqsock.Identity[]} */
  #identities = [];
  #next = 0;
  #port = 0;
  #trust = '';
  /** @type {Pick<typeof pqsock, 'connect' | 'createServer' | 'Identity'>} */
  #library = pqsock;

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  async introduce() {
    await this.#load();
    for (let i = 0; i < IDENTITIES; ++i) this.#identities.push(await this.#generate());
    return this.#identities.map(({ fingerprint }) => fingerprint);
  }

  /**
   * @param {string[]} trust
   * @param {Take} take
   * @param {Fail} fail
   */
  async listen(trust, take, fail) {
    await this.#load();
    const identity = await this.#generate();
    const { timeouts, limits, batchSignatures } = this.#settings;
    const options = { identity, trust, ...timeouts, limits, batchSignatures };
    const server = this.#library.createServer(options, take);
    server.on('clientError', fail);
    server.on('drop', ({ reason }) => fail(new Error(`dropped: ${reason}`)));
    return { port: await listen(server), trust: identity.fingerprint };
  }

  /** @param {{ port: number, trust: string }} invitation */
  meet({ port, trust }) {
    this.#port = port;
    this.#trust = trust;
  }

  /** @param {Take} take */
  open(take) {
    const identity = /** @type {pqsock.Identity} */ (this.#identities[this.#next++ % IDENTITIES]);
    const { timeouts } = this.#settings;
    // What comes is 'data' all the same, so that all contenders are counted alike.
    const callback = (/** @type {number} */ length, /** @type {Uint8Array} */ buffer) =>
      socket.emit('data', buffer.subarray(0, length));
    const onread = this.#settings.onread && { onread: { buffer: Buffer.allocUnsafeSlow(READ), callback } };
    const options = { port: this.#port, host: HOST, identity, trust: this.#trust, ...timeouts, ...onread };
    const socket = this.#library.connect(options, () => {
      const name = socket.getCipher()?.name;
      if (name === this.#settings.suite) take(socket);
      else socket.destroy(new Error(`the suite is ${name} instead of ${this.#settings.suite}`));
    });
    return socket;
  }

  async #load() {
    const { pureJs, suite } = this.#settings;
    if (pureJs) this.#library = /** @type {any} */ (await (await import('./pure-js.mjs')).loadPureJs(suite));
  }

  signatures() {
    return operationCounts().sign;
  }

  #generate() {
    return this.#library.Identity.generate({ algorithm: this.#settings.algorithm });
  }
}
