/** What the machines have computed between the messages. There are two ways to the same bytes. */
import type { Secret } from '../../crypto/secret.js';
import type { Frame } from '../../wire/frame-decoder.js';
import type { Output, State } from '../machine.js';
import type { PeerTrusted, SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import { jobExchange } from './job-exchange.js';
import type { Agreed } from './parts.js';
import { stepExchange } from './step-exchange.js';

/** Whole frames, in one piece or several. */
type Frames = readonly Uint8Array[];

/**
 * Each takes the state to what follows, `next`. The transcript stands where PROTOCOL.md has it before the turn; the
 * frames that are given or made are added to it, if they are needed there.
 */
export interface Exchange {
  /** A client's steps 5 and 6: it makes ClientKem and ClientAuth. */
  offer(agreed: Agreed, next: (frames: Frames, kemSecretKey: Secret, out: Output) => State): State;
  /**
   * A server's steps 9 to 11: it makes ServerKem, ServerAuth and ServerFinished.
   *
   * @param kem is in the transcript, and `auth` is not
   * @throws PQ_ERR_AUTH_FAILED, in what is returned
   */
  answer(
    agreed: Agreed,
    trusted: PeerTrusted,
    kem: Frame,
    auth: Frame,
    next: (frames: Frames, signature: SignatureValid, agreement: Agreement, out: Output) => State,
  ): State;
  /**
   * A client's steps 13 and 14. The KEM's secret key is wiped.
   *
   * @param kem is in the transcript, and `auth` is not
   * @throws PQ_ERR_DECODE; PQ_ERR_AUTH_FAILED, in what is returned
   */
  accept(
    agreed: Agreed,
    trusted: PeerTrusted,
    kemSecretKey: Secret,
    kem: Frame,
    auth: Frame,
    next: (signature: SignatureValid, agreement: Agreement, out: Output) => State,
  ): State;
}

/** In as few jobs as can be, where native code knows the suite. */
export function exchangeOf({ primitives }: Agreed): Exchange {
  return primitives.handshake === undefined ? stepExchange : jobExchange(primitives.handshake);
}
