/** Alerts: one byte that says why a connection ends. PROTOCOL.md, "Alerts". */
import { AlertError, type AlertName, pqError } from '../errors.js';

export const ALERT_CODES: Readonly<Record<AlertName, number>> = {
  close_by_user: 0x01,
  unexpected_message: 0x02,
  decode_error: 0x03,
  no_common_suite: 0x04,
  no_common_version: 0x05,
  auth_failed: 0x06,
  ticket_rejected: 0x07,
  busy: 0x08,
  timeout: 0x09,
  bad_record: 0x0a,
  limit_exceeded: 0x0b,
  internal: 0x0c,
  rekey_error: 0x0d,
};

const MEANINGS: Readonly<Record<AlertName, string>> = {
  close_by_user: 'its application has ended the connection',
  unexpected_message: 'it got a message that it did not expect',
  decode_error: 'it could not decode a message',
  no_common_suite: 'it has no suite in common with us: compare the suites and identities of both sides',
  no_common_version: 'it has no version of the protocol in common with us',
  auth_failed: 'it does not accept our key, or a signature; compare fingerprints and prologues of both sides',
  ticket_rejected: 'it does not take tickets',
  busy: 'it has too much to do: try again later',
  timeout: 'we took too long',
  bad_record: 'it could not open a record',
  limit_exceeded: 'we went over one of its limits',
  internal: 'something went wrong on its side',
  rekey_error: 'a REKEY failed',
};

/**
 * The error of an alert that has come.
 *
 * @param body one byte
 * @throws PQ_ERR_DECODE if there is no such alert
 */
export function alertReceived(body: Uint8Array): AlertError {
  const found = Object.entries(ALERT_CODES).find(([, code]) => code === body[0]);
  if (found === undefined || body.length !== 1) throw pqError('PQ_ERR_DECODE', 'the peer sent an alert that is none');
  const name = found[0] as AlertName;
  return new AlertError(name, `the peer ended the connection: ${name}, ${MEANINGS[name]}`);
}
