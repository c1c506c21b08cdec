// @ts-check
/** node:tls: TLS 1.3 with certificates of a test CA on both sides, and without resumption. */
import { connect, createSecureContext, createServer } from 'node:tls';
import { makeCertificates } from '../certificates.mjs';
import { HOST, listen } from './listen.mjs';

/**
 * @typedef {import('./transport.mjs').Transport} Transport
 * @typedef {import('./transport.mjs').Take} Take
 * @typedef {import('./transport.mjs').Fail} Fail
 * @typedef {import('../certificates.mjs').Credentials} Credentials
 * @typedef {{ algorithm: import('../certificates.mjs').Algorithm, group: string }} Settings
 */

const CIPHER = 'TLS_AES_256_GCM_SHA384';
const NAME = 'localhost';

/** @implements {Transport} */
export class TlsTransport {
  #settings;
  /** @type {import('node:tls').SecureContext | undefined} */
  #context;
  #port = 0;

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  async introduce() {
    return undefined;
  }

  /**
   * @param {unknown} _introduction
   * @param {Take} take
   * @param {Fail} fail
   */
  async listen(_introduction, take, fail) {
    const { server: own, client } = makeCertificates(this.#settings.algorithm, NAME);
    const options = { ...this.#secure(own), requestCert: true, rejectUnauthorized: true, noDelay: true };
    const server = createServer(options, (socket) => {
      if (socket.authorized) {
        take(socket);
        return;
      }
      fail(new Error(`the client is not authenticated: ${socket.authorizationError}`));
      socket.destroy();
    });
    server.on('tlsClientError', fail);
    return { port: await listen(server), client };
  }

  /** @param {{ port: number, client: Credentials }} invitation */
  meet({ port, client }) {
    this.#port = port;
    this.#context = createSecureContext(this.#secure(client));
  }

  /** @param {Take} take */
  open(take) {
    const options = { port: this.#port, host: HOST, servername: NAME, rejectUnauthorized: true };
    const socket = connect({ ...options, ...(this.#context && { secureContext: this.#context }) }, () => {
      const wrong = this.#misfit(socket);
      if (wrong === undefined) take(socket);
      else socket.destroy(new Error(wrong));
    });
    socket.setNoDelay(true);
    return socket;
  }

  /** @param {Credentials} credentials */
  #secure({ key, cert, ca }) {
    return {
      key,
      cert,
      ca,
      minVersion: /** @type {const} */ ('TLSv1.3'),
      ciphers: CIPHER,
      ecdhCurve: this.#settings.group,
    };
  }

  /** @param {import('node:tls').TLSSocket} socket */
  #misfit(socket) {
    if (!socket.authorized) return 'the server is not authenticated';
    if (socket.isSessionReused()) return 'a session was resumed';
    if (socket.getCipher().name !== CIPHER) return `the cipher is ${socket.getCipher().name} instead of ${CIPHER}`;
    return undefined;
  }
}
