/** One connection's way through a tunnel: it waits for the far end, then both are joined, until both have ended. */
import { PqSocket } from '../../index.js';
import { errorFields, type Log, type LogFields } from '../log.js';
import { originOf } from '../origin.js';
import { dial } from './dial.js';
import type { End } from './end.js';
import { openFarEnd } from './open-far-end.js';
import { proxyHeader } from './proxy-header.js';
import { splice } from './splice.js';
import type { TunnelSettings } from './tunnel-settings.js';

/** What became of it. */
export interface PassageResult {
  /** Whether the far end was reached. */
  readonly joined: boolean;
  /** What it failed with; undefined if both sides came to their end. */
  readonly error: Error | undefined;
}

/** Bytes of data from the client, which is who connected to the tunnel, and to it. */
export interface PassageBytes {
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export class Passage {
  readonly #near: End;
  readonly #settings: TunnelSettings;
  readonly #log: Log;
  readonly #onRetry: () => void;
  readonly #ending = new AbortController();
  readonly #began = performance.now();
  /** The address is gone with the connection. */
  readonly #from: string;
  #far: End | undefined;

  /**
   * Nothing is taken from the connection before the far end is there, but what fits into its buffer.
   *
   * @param onRetry called for each failure to reach the far end that is followed by another attempt
   */
  constructor(near: End, settings: TunnelSettings, log: Log, onRetry: () => void) {
    this.#near = near;
    this.#settings = settings;
    this.#log = log;
    this.#onRetry = onRetry;
    this.#from = originOf(near.stream);
  }

  /** Whether the far end has been reached. */
  get joined(): boolean {
    return this.#far !== undefined;
  }

  /** The fingerprint of who is at the secure side, once that is known. */
  get peer(): string | undefined {
    return this.#secure?.getPeerFingerprint();
  }

  /** As many as have passed until now. */
  get bytes(): PassageBytes {
    const secure = this.#secure;
    const [bytesUp, bytesDown] = [secure?.bytesRead ?? 0, secure?.bytesWritten ?? 0];
    return secure === this.#near.stream ? { bytesUp, bytesDown } : { bytesUp: bytesDown, bytesDown: bytesUp };
  }

  /** Ends it at once, on both sides. */
  reset(error: Error): void {
    this.#ending.abort(error);
    this.#near.reset(error);
    this.#far?.reset(error);
  }

  /** Resolves when both sides are closed; never rejects. */
  async run(): Promise<PassageResult> {
    try {
      this.#far = await this.#reach();
    } catch (error) {
      this.#near.reset(error as Error);
      const fields = this.#fields(errorFields(error));
      if (this.#ending.signal.aborted) this.#log('info', 'client gone', fields);
      else this.#log('warn', 'far end not reached', fields);
      return { joined: false, error: error as Error };
    }
    this.#announce(this.#far);
    this.#log('info', 'connection open', this.#fields({ key: this.#key, suite: this.#secure?.getCipher()?.name }));
    const failure = await splice(this.#near, this.#far);
    if (failure === undefined) {
      this.#log('info', 'connection closed', this.#fields({ ...this.bytes }));
    } else {
      const { side, error } = failure;
      this.#log('warn', 'connection failed', this.#fields({ ...this.bytes, side, ...errorFields(error) }));
    }
    return { joined: true, error: failure?.error };
  }

  async #reach(): Promise<End> {
    const { stream } = this.#near;
    const gone = (): void => this.#ending.abort(stream.errored ?? new Error('the client has gone'));
    stream.on('error', () => {}); // 'close' comes after it
    stream.once('close', gone);
    if (stream.destroyed) gone();
    try {
      return await dial((signal) => openFarEnd(this.#settings, signal), {
        limit: this.#settings.limits.dialTimeout,
        signal: this.#ending.signal,
        onRetry: (error, retryIn) => {
          this.#onRetry();
          this.#log('info', 'far end away', this.#fields({ ...errorFields(error), retryIn }));
        },
      });
    } finally {
      stream.off('close', gone);
    }
  }

  /** The far end hears who the client is, before anything that the client says. */
  #announce(far: End): void {
    if (!this.#settings.sendProxy) return;
    const { stream } = this.#near;
    const source = { sourceAddress: stream.remoteAddress, sourcePort: stream.remotePort };
    const destination = { destinationAddress: stream.localAddress, destinationPort: stream.localPort };
    far.stream.write(proxyHeader({ ...source, ...destination }, this.peer));
  }

  /** That of the two sides which is secure, if it is there. */
  get #secure(): PqSocket | undefined {
    return [this.#near.stream, this.#far?.stream].find((stream) => stream instanceof PqSocket);
  }

  /** Which of our keys it is, where there are several. */
  get #key(): string | undefined {
    const { identity } = this.#settings.credentials;
    return [identity].flat().length > 1 ? this.#secure?.getFingerprint() : undefined;
  }

  #fields(fields: LogFields): LogFields {
    const milliseconds = Math.round(performance.now() - this.#began);
    return { from: this.#from, peer: this.peer, ...fields, milliseconds };
  }
}
