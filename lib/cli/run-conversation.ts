/** A connection from its first moment to its end, and what is said about it. */
import type { PqSocket } from '../index.js';
import { converse } from './converse.js';
import { exitCodeOf } from './exit-code.js';
import { errorFields, type LogFields } from './log.js';
import { originOf } from './origin.js';
import type { PipeReport } from './pipe-options.js';
import { CliError, EXIT_CODES } from './report.js';
import type { DataStreams } from './standard-streams.js';

/**
 * Never rejects: what goes wrong is reported.
 *
 * @param open gives the connection, or says why there is none
 * @param report says what has gone wrong, besides the log
 * @param signal ends the connection at once
 * @returns the exit code
 */
export async function runConversation(
  open: () => Promise<PqSocket>,
  streams: DataStreams,
  { log, report }: PipeReport,
  signal: AbortSignal,
): Promise<number> {
  let socket: PqSocket | undefined;
  let began = 0;
  let address: string | undefined; // gone with the connection
  const peer = (): LogFields => ({ address, peer: socket?.getPeerFingerprint(), suite: socket?.getCipher()?.name });
  const fields = (): LogFields => ({
    ...peer(),
    bytesSent: socket?.bytesWritten,
    bytesReceived: socket?.bytesRead,
    milliseconds: socket && Math.round(performance.now() - began),
  });
  try {
    socket = await open();
    began = performance.now();
    address = originOf(socket);
    log('debug', 'connection open', peer());
    await converse(socket, streams, signal);
    log('debug', 'connection closed', { ...fields(), exitCode: EXIT_CODES.ok });
    return EXIT_CODES.ok;
  } catch (error) {
    const exitCode = exitCodeOf(error);
    report(error);
    const hint = error instanceof CliError ? error.hint : undefined;
    log('debug', 'connection failed', { ...fields(), exitCode, ...errorFields(error), hint });
    return exitCode;
  }
}
