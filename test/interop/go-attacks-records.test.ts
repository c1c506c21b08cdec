/**
 * A hostile peer, on the second implementation, in an open connection: our error, the alert that it gets, and that the
 * application has got what came before, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import type { SuiteName } from '../../lib/index.js';
import type { Role } from '../../lib/record/channel.js';
import { type Fate, fateOf } from '../net/fate.js';
import type { GoPair } from '../support/go-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { bytesIn } from '../support/json-lines.js';
import { describeWithPrograms } from '../support/requirements.js';
import { NOTHING_SPENT, spentDuring } from '../support/script-pair.js';
import { EMPTY, INNER } from '../support/script-records.js';
import { useGoPeer } from '../support/use-go-peer.js';

const SUITE: SuiteName = 'mlkem1024-mldsa87';
const { DATA, CLOSE, ALERT, KEY_UPDATE, TICKET, REKEY_INIT, REKEY_RESP, REKEY_DONE } = INNER;
const BEFORE = 'before';

/** What the peer does. */
type Act = (pair: GoPair) => Promise<unknown>;

const unexpected = { code: 'PQ_ERR_UNEXPECTED_MESSAGE', alert: 'unexpected_message' };
const malformed = { code: 'PQ_ERR_DECODE', alert: 'decode_error' };
const unopened = { code: 'PQ_ERR_BAD_RECORD', alert: 'bad_record' };
const flooded = { code: 'PQ_ERR_FLOOD', alert: 'limit_exceeded' };
const rekeying = { code: 'PQ_ERR_REKEY', alert: 'rekey_error' };

const record =
  (type: number, content: Uint8Array = EMPTY, times = 1): Act =>
  async ({ go }) => {
    for (let i = 0; i < times; i += 1) await sent(go.do('record', { type, content }));
  };
const plaintext =
  (content: Uint8Array): Act =>
  ({ go }) =>
    sent(go.do('plaintext', { content }));
const frame =
  (type: number, content: Uint8Array): Act =>
  ({ go }) =>
    sent(go.do('frame', { type, content }));

/** We may have ended the transport before all of it has gone out. */
async function sent(request: Promise<unknown>): Promise<unknown> {
  return request.catch((error: Error) => {
    if (!/closed|ended|reset|broken pipe/.test(error.message)) throw error;
  });
}

/** A record of data that is not sent. */
async function sealed({ go }: GoPair, fields: object = {}): Promise<Buffer> {
  const made = await go.do('seal', { type: DATA, content: Buffer.from('sealed'), ...fields });
  return bytesIn(made['frame']);
}

const raw = ({ go }: GoPair, ...content: Buffer[]) => sent(go.do('raw', { content: Buffer.concat(content) }));

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

describeWithPrograms(__filename, 'a hostile peer of the second implementation, to an open connection', () => {
  const { open } = useGoPeer();

  /** What becomes of us when the peer does that, after some data. */
  async function suffer(role: Role, act: Act) {
    const pair = await open({ suite: SUITE, role });
    const ended = fateOf(pair.ours);
    pair.ours.write('hello');
    await pair.go.receive(5);
    await pair.go.send(Buffer.from(BEFORE));
    let fate: Fate | undefined;
    const spent = await spentDuring(async () => {
      await act(pair);
      fate = await ended;
    });
    const outcome = await pair.go.outcome();
    const { error, data, events } = fate as Fate;
    return { code: error?.code, alert: outcome.alertReceived, data: String(data), spent, ends: events.includes('end') };
  }

  const refused = (failure: object, spent: object = {}) => ({
    ...failure,
    data: BEFORE,
    spent: { ...NOTHING_SPENT, ...spent },
    ends: false,
  });

  describe.each<Role>(['client', 'server'])('of a %s', (role) => {
    it.each<[string, Act, object]>([
      ['a record of one zero byte', plaintext(Buffer.alloc(1)), unopened],
      ['a record of padding alone', plaintext(Buffer.alloc(65_537)), unopened],
      ['an unknown type', record(9), unexpected],
      ['type 0xff', record(0xff, Buffer.from('x')), unexpected],
      ['a CLOSE with content', record(CLOSE, Buffer.from('x')), malformed],
      ['a KEY_UPDATE with content', record(KEY_UPDATE, Buffer.from('x')), malformed],
      ['the 33rd empty DATA', record(DATA, Buffer.alloc(0), 33), flooded],
      ['a record that is too short', frame(FRAMES.Record, randomBytes(16)), malformed],
      ['a record that is too long', frame(FRAMES.Record, randomBytes(65_554)), malformed],
      ['the frame of an alert that comes too late', frame(FRAMES.Alert, Uint8Array.of(6)), unexpected],
      ['an unknown frame', frame(0x7f, Buffer.alloc(1)), unexpected],
      ['random bytes in the form of a record', frame(FRAMES.Record, randomBytes(40)), unopened],
    ])('%s', async (_, act, failure) => {
      expect(await suffer(role, act)).toEqual(refused(failure));
    });

    it.each([1, 2, 3, 4, 5, 6, 7, 8])('a frame of the handshake, 0x0%i', async (type) => {
      expect(await suffer(role, frame(type, randomBytes(64)))).toEqual(refused(unexpected));
    });

    it('the 17th KEY_UPDATE without data', async () => {
      const act: Act = async ({ go }) => {
        for (let i = 0; i < 17; i += 1) await sent(go.do('keyUpdate'));
      };
      expect(await suffer(role, act)).toEqual(refused(flooded));
    });

    it.each<[string, Act]>([
      ['twice', async (pair) => raw(pair, ...twice(await sealed(pair)))],
      ['behind one that was left out', async (pair) => raw(pair, await sealed(pair, { ahead: 1 }))],
      ['in another order', async (pair) => raw(pair, await sealed(pair, { ahead: 1 }), await sealed(pair))],
      ['under the next key', async (pair) => raw(pair, await sealed(pair, { updates: 1 }))],
      ['under the old key, behind KEY_UPDATE', underOldKey],
      ['that was ours', async (pair) => raw(pair, await lastRecord(pair))],
      ['with another last bit', async (pair) => raw(pair, flipped(await sealed(pair), 26))],
      ['with another first bit', async (pair) => raw(pair, flipped(await sealed(pair), 4))],
      ['with a longer header', async (pair) => raw(pair, flipped(await sealed(pair), 3), Buffer.alloc(2))],
    ])('a record %s', async (name, act) => {
      const result = await suffer(role, act);
      const delivered = name === 'twice' ? `${BEFORE}sealed` : BEFORE;
      expect(result).toEqual({ ...refused(unopened), data: delivered });
    });

    it('anything behind CLOSE', async () => {
      const act: Act = async ({ go }) => {
        await go.do('close', { fin: false });
        await sent(go.do('record', { type: DATA, content: Buffer.from('more') }));
      };
      expect(await suffer(role, act)).toMatchObject({ ...unexpected, data: BEFORE });
      const twiceClosed: Act = async ({ go }) => {
        await go.do('close', { fin: false });
        await sent(go.do('record', { type: CLOSE }));
      };
      expect(await suffer(role, twiceClosed)).toMatchObject({ ...unexpected, data: BEFORE });
    });

    it('an alert, known or not, of any length', async () => {
      const silent = { ...refused({}), alert: undefined };
      const known = await suffer(role, record(ALERT, Uint8Array.of(6)));
      expect(known).toEqual({ ...silent, code: 'PQ_ERR_ALERT' });
      for (const content of [Uint8Array.of(0xee), Buffer.alloc(0), Buffer.alloc(2, 6)]) {
        expect(await suffer(role, record(ALERT, content))).toEqual({ ...silent, code: 'PQ_ERR_DECODE' });
      }
    });
  });

  describe('of a client', () => {
    it.each<[string, Act, object]>([
      ['REKEY_RESP without INIT', record(REKEY_RESP, randomBytes(1568)), rekeying],
      ['REKEY_INIT', record(REKEY_INIT, Buffer.alloc(1568)), rekeying],
      ['REKEY_DONE', record(REKEY_DONE), rekeying],
      ['a TICKET of 36 bytes', record(TICKET, randomBytes(36)), malformed],
      ['the fifth TICKET', record(TICKET, Buffer.alloc(37, 1), 5), flooded],
    ])('%s', async (_, act, failure) => {
      expect(await suffer('client', act)).toEqual(refused(failure));
    });
  });

  describe('of a server', () => {
    it.each<[string, Act, object]>([
      ['TICKET', record(TICKET, randomBytes(37)), unexpected],
      ['REKEY_RESP', record(REKEY_RESP, randomBytes(1568)), rekeying],
      ['REKEY_DONE without INIT', record(REKEY_DONE), rekeying],
      ['REKEY_INIT a byte short', record(REKEY_INIT, Buffer.alloc(1567)), rekeying],
      ['REKEY_INIT with a coefficient of 4095', record(REKEY_INIT, Buffer.alloc(1568, 255)), rekeying],
    ])('%s', async (_, act, failure) => {
      expect(await suffer('server', act)).toEqual(refused(failure));
    });

    it('a second REKEY_INIT before REKEY_DONE', async () => {
      const act: Act = async (pair) => {
        const init = { type: REKEY_INIT, content: Buffer.alloc(1568) };
        return raw(pair, await sealed(pair, init), await sealed(pair, { ...init, ahead: 1 }));
      };
      // The peer, which does not know that it has asked, refuses the answer before it hears of ours.
      expect(await suffer('server', act)).toEqual({ ...refused(rekeying, { encapsulate: 1 }), alert: undefined });
    });
  });
});

const twice = (bytes: Buffer): [Buffer, Buffer] => [bytes, bytes];

/** The next number under the old key, behind the KEY_UPDATE that ends it. */
async function underOldKey(pair: GoPair): Promise<void> {
  const old = await sealed(pair, { ahead: 1 });
  await pair.go.do('keyUpdate');
  await raw(pair, old);
}

async function lastRecord({ go }: GoPair): Promise<Buffer> {
  return bytesIn((await go.do('lastRecord'))['frame']);
}
