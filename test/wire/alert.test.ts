import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertError, type AlertName, alertOf, errorCodes, PqError, pqError } from '../../lib/errors.js';
import { ALERT_CODES, alertReceived } from '../../lib/wire/alert.js';

const protocol = readFileSync(join(__dirname, '../../PROTOCOL.md'), 'utf8');
const names = Object.keys(ALERT_CODES) as AlertName[];
const malformed = expect.objectContaining({ code: 'PQ_ERR_DECODE' });

describe('an alert', () => {
  it.each(names)('%s has the code of PROTOCOL.md, and says its name and what it means', (name) => {
    const code = ALERT_CODES[name];
    expect(protocol).toContain(`| 0x${code.toString(16).toUpperCase().padStart(2, '0')} | ${name} |`);
    const error = alertReceived(Uint8Array.of(code));
    expect(error).toBeInstanceOf(AlertError);
    expect(error).toMatchObject({ code: 'PQ_ERR_ALERT', alert: name });
    expect(error.message).toMatch(new RegExp(`^the peer ended the connection: ${name}, \\w`));
  });

  it('is one of those that PROTOCOL.md lists', () => {
    const listed = [...protocol.matchAll(/^\| 0x([0-9A-F]{2}) \| ([a-z_]+) \| /gm)].map(([, code, name]) => [
      name,
      Number.parseInt(code ?? '', 16),
    ]);
    expect(Object.fromEntries(listed)).toEqual(ALERT_CODES);
  });

  it.each([
    ['of an unknown code', [0x0e]],
    ['of code 0', [0]],
    ['of code 255', [255]],
    ['without a code', []],
    ['with a byte too many', [1, 1]],
  ])('%s is malformed', (_, bytes) => {
    expect(() => alertReceived(Uint8Array.from(bytes))).toThrow(malformed);
  });
});

describe('what the peer is told', () => {
  it('is one of the alerts for every error but those where nobody is there or the peer has said it itself', () => {
    const silent = errorCodes.filter((code) => {
      const error = code === 'PQ_ERR_ALERT' ? new AlertError('busy', 'text') : pqError(code, 'text');
      const alert = alertOf(error);
      if (alert !== undefined) expect(names).toContain(alert);
      return alert === undefined;
    });
    expect(silent.sort()).toEqual(['PQ_ERR_ALERT', 'PQ_ERR_TRUNCATED']);
  });

  it.each<[Parameters<typeof pqError>[0], AlertName]>([
    ['PQ_ERR_DECODE', 'decode_error'],
    ['PQ_ERR_AUTH_FAILED', 'auth_failed'],
    ['PQ_ERR_UNTRUSTED', 'auth_failed'],
    ['PQ_ERR_OWN_KEY', 'auth_failed'],
    ['PQ_ERR_BAD_RECORD', 'bad_record'],
    ['PQ_ERR_FLOOD', 'limit_exceeded'],
    ['PQ_ERR_REKEY', 'rekey_error'],
    ['PQ_ERR_TICKET', 'ticket_rejected'],
    ['PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
    ['PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['PQ_ERR_BUSY', 'busy'],
    ['PQ_ERR_QUEUE_FULL', 'busy'],
    ['PQ_ERR_TIMEOUT', 'timeout'],
    ['PQ_ERR_OUT_OF_MEMORY', 'internal'],
  ])('of %s is %s', (code, alert) => {
    expect(alertOf(pqError(code, 'text'))).toBe(alert);
  });

  it('of what is no error of ours is that the application ends the connection', () => {
    for (const thrown of [new Error('x'), undefined, 'text']) expect(alertOf(thrown)).toBe('close_by_user');
    expect(new Error('x')).not.toBeInstanceOf(PqError);
  });
});
