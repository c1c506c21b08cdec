/** One of our sessions, fed with a peer's bytes: what comes of it. The same bytes always give the same. */
import assert from 'node:assert/strict';
import { alertOf, PqError } from '../../lib/errors.js';
import type { StartMachine } from '../../lib/session/session.js';
import { Side } from '../support/wired-sessions.js';

/** How the bytes come, and what follows them. */
export interface Feeding {
  readonly chunk: number;
  /** Whether slow work is done only once all has come. */
  readonly late: boolean;
  /** Whether the transport ends. */
  readonly ends: boolean;
}

/** What a session did; bytes in hex. */
export interface SessionOutcome {
  readonly code: string | undefined;
  readonly opened: boolean;
  readonly data: string;
  readonly sent: string;
  readonly ended: boolean;
}

/** What a peer can bring about; whatever else is thrown is a defect. */
const PEERS_FAULT = new Set([
  'PQ_ERR_ALERT',
  'PQ_ERR_AUTH_FAILED',
  'PQ_ERR_BAD_RECORD',
  'PQ_ERR_DECODE',
  'PQ_ERR_FLOOD',
  'PQ_ERR_NO_COMMON_SUITE',
  'PQ_ERR_NO_COMMON_VERSION',
  'PQ_ERR_OWN_KEY',
  'PQ_ERR_REKEY',
  'PQ_ERR_TICKET',
  'PQ_ERR_TRUNCATED',
  'PQ_ERR_UNEXPECTED_MESSAGE',
]);

/** Bytes that may wait for their turn; and what is taken before a session waits for slow work, at most. */
const HANDSHAKE_BUFFER = 32 * 1024;
const LONGEST_FIRST = 4 + 16_384;

/** Feeds a session until it fails; then it must be dead. */
export function runSession(start: StartMachine, stream: Buffer, { chunk, late, ends }: Feeding): SessionOutcome {
  const side = new Side();
  const work = () => {
    while (side.work !== undefined) side.doWork();
  };
  let code: string | undefined;
  try {
    side.session.start(start);
    for (let at = 0; at < stream.length; at += chunk) {
      side.session.receive(Uint8Array.from(stream.subarray(at, at + chunk)));
      const kept = Math.min(at + chunk, stream.length) - LONGEST_FIRST;
      assert.ok(!side.session.waiting || kept < HANDSHAKE_BUFFER, 'more is kept than may wait for its turn');
      if (!late) work();
    }
    work();
    if (ends) side.session.receiveEnd();
  } catch (error) {
    if (!(error instanceof PqError) || !PEERS_FAULT.has(error.code)) throw error;
    code = error.code;
    side.session.abort(alertOf(error));
  }
  const [sent, data] = [side.takeSent().toString('hex'), Buffer.concat(side.data).toString('hex')];
  const { ended } = side;
  side.work = undefined;
  side.session.dispose();
  side.session.receive(Buffer.from(stream));
  side.session.receiveEnd();
  assert.deepEqual([side.sent.length, side.work], [0, undefined], 'something is done after the end');
  return { code, opened: side.opened !== undefined, data, sent, ended };
}
