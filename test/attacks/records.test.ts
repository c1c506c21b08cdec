/** Records of an open connection that a peer makes wrong, or that somebody on the way has changed, over TCP. */
import { once } from 'node:events';
import type { HardenedOptions, PqSocket } from '../../lib/index.js';
import { FRAMES, type HardenedScript, STATES } from '../support/hardened-script.js';
import { type Facing, ScriptPair } from '../support/script-pair.js';
import { EMPTY, headerOf } from '../support/script-records.js';

const ROLES = ['client', 'server'] as const;

let pair: ScriptPair;
beforeAll(async () => {
  pair = await ScriptPair.listen();
});
afterAll(() => pair.close());

/** An open connection, and the data that its side under test has given out. */
async function open(role: 'client' | 'server', options: Partial<HardenedOptions> = {}) {
  const facing = await pair.facing(role, 'OPEN', { options });
  const data: string[] = [];
  facing.socket.on('data', (chunk) => void data.push(String(chunk)));
  return { ...facing, data };
}

/** The code of the error, and what the peer was told. */
async function ending({ script, error }: Pick<Facing, 'script' | 'error'>) {
  const { code } = await error;
  return { code, words: await script.lastWords() };
}

const BAD_RECORD = { code: 'PQ_ERR_BAD_RECORD', words: ['Record ALERT bad_record'] };
const FLOOD = { code: 'PQ_ERR_FLOOD', words: ['Record ALERT limit_exceeded'] };
const DECODE = { code: 'PQ_ERR_DECODE', words: ['Record ALERT decode_error'] };
const UNEXPECTED = { code: 'PQ_ERR_UNEXPECTED_MESSAGE', words: ['Record ALERT unexpected_message'] };

const seal = (script: HardenedScript, text: string) => script.sending.seal('DATA', Buffer.from(text));

describe.each(ROLES)('an open %s', (role) => {
  it.each<[string, (records: Buffer[]) => (Buffer | undefined)[], string]>([
    ['repeated at once', ([a, b]) => [a, a, b], 'a'],
    ['repeated later', ([a, b, c]) => [a, b, c, a], 'abc'],
    ['left out', ([a, , c]) => [a, c], 'a'],
    ['in the place of the next', ([a, b, c]) => [a, c, b], 'a'],
    ['left out at the start', ([, b]) => [b], ''],
  ])('refuses a record that is %s, and gives out what came before it', async (_, change, before) => {
    const facing = await open(role);
    const records = ['a', 'b', 'c'].map((text) => seal(facing.script, text));
    facing.script.send(...(change(records) as Buffer[]));
    expect(await ending(facing)).toEqual(BAD_RECORD);
    expect(facing.data.join('')).toBe(before);
  });

  it('refuses its own record when that comes back', async () => {
    const facing = await open(role);
    facing.socket.write('mine');
    const own = (await facing.script.readFrame()) as Buffer;
    facing.script.send(own);
    facing.script.receiving.sequence += 1;
    expect(await ending(facing)).toEqual(BAD_RECORD);
    expect(facing.data).toEqual([]);
  });

  it('refuses a record of another connection', async () => {
    const [one, facing] = [await open(role), await open(role)];
    facing.script.send(seal(one.script, 'elsewhere'));
    expect(await ending(facing)).toEqual(BAD_RECORD);
    one.socket.destroy();
  });

  it('refuses a record with any one bit changed, and gives nothing of it out', async () => {
    const length = 4 + 3 + 1 + 16;
    const filler = Buffer.alloc(65_553); // for those whose length has grown
    const surfaced: string[] = [];
    for (let bit = 0; bit < 8 * length; bit += 1) {
      const facing = await open(role);
      const record = seal(facing.script, 'abc');
      record.writeUInt8(record.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      facing.script.send(record, bit < 32 ? filler : EMPTY);
      const { code } = await ending(facing);
      surfaced.push(...facing.data);
      const inHeader = bit < 8 ? 'PQ_ERR_UNEXPECTED_MESSAGE' : expect.stringMatching(/^PQ_ERR_(DECODE|BAD_RECORD)$/);
      expect([bit, code]).toEqual([bit, bit < 32 ? inHeader : 'PQ_ERR_BAD_RECORD']);
    }
    expect(surfaced).toEqual([]);
  });

  it('refuses a record whose header says another length than was sealed', async () => {
    const facing = await open(role);
    const record = facing.script.sending.seal('DATA', Buffer.from('abc'), 1);
    facing.script.send(headerOf(FRAMES.Record, record.length - 4 - 1), record.subarray(4));
    expect(await ending(facing)).toEqual(BAD_RECORD);
  });

  it.each([
    ['one zero byte', 1],
    ['65537 zero bytes', 65_537],
  ])('refuses a record that is %s', async (_, length) => {
    const facing = await open(role);
    facing.script.send(facing.script.sending.sealPlaintext(Buffer.alloc(length)));
    expect(await ending(facing)).toEqual(BAD_RECORD);
  });

  it('refuses a record with one byte of padding more than fits', async () => {
    const facing = await open(role);
    facing.script.send(facing.script.sending.seal('DATA', Buffer.alloc(65_536, 1), 1));
    expect(await ending(facing)).toEqual(DECODE);
  });

  it('takes zeros for data, and padding for none', async () => {
    const facing = await open(role);
    const { sending } = facing.script;
    facing.script.send(sending.seal('DATA', Buffer.alloc(3), 50), sending.seal('CLOSE', EMPTY, 50));
    await once(facing.socket, 'end');
    expect(facing.data.join('')).toBe('\0\0\0');
    facing.socket.destroy();
  });

  it('takes 32 empty records in a row, and refuses the 33rd, whatever stands between them', async () => {
    const facing = await open(role);
    const { script, data } = facing;
    for (let i = 0; i < 32; i += 1) script.send(script.sending.seal('DATA'));
    script.send(seal(script, 'x'));
    for (let i = 0; i < 32; i += 1) {
      script.send(script.sending.seal('DATA', EMPTY, i));
      if (i % 8 !== 0) continue;
      script.send(script.sending.seal('KEY_UPDATE'));
      script.sending.update();
    }
    const last = once(facing.socket, 'data');
    script.send(seal(script, 'y'));
    await last;
    for (let i = 0; i < 33; i += 1) script.send(script.sending.seal('DATA'));
    expect(await ending(facing)).toEqual(FLOOD);
    expect(data.join('')).toBe('xy');
  });

  it('refuses a record under the key before KEY_UPDATE', async () => {
    const facing = await open(role);
    facing.script.send(facing.script.sending.seal('KEY_UPDATE'), seal(facing.script, 'old'));
    expect(await ending(facing)).toEqual(BAD_RECORD);
    expect(facing.data).toEqual([]);
  });

  it('refuses a record under the next key before KEY_UPDATE', async () => {
    const facing = await open(role);
    facing.script.sending.update();
    facing.script.send(seal(facing.script, 'new'));
    expect(await ending(facing)).toEqual(BAD_RECORD);
  });

  it('takes 16 new keys in a row, and refuses the 17th, unless data comes between them', async () => {
    const facing = await open(role);
    const { script, data } = facing;
    const update = () => {
      script.send(script.sending.seal('KEY_UPDATE'));
      script.sending.update();
    };
    for (let i = 0; i < 16; i += 1) update();
    script.send(seal(script, 'x'));
    for (let i = 0; i < 16; i += 1) update();
    script.send(script.sending.seal('DATA')); // empty: it does not count
    update();
    expect(await ending(facing)).toEqual(FLOOD);
    expect(data.join('')).toBe('x');
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['DATA', (script) => seal(script, 'late')],
    ['a second CLOSE', (script) => script.sending.seal('CLOSE')],
    ['an ALERT', (script) => script.sending.seal('ALERT', Buffer.of(1))],
    ['KEY_UPDATE', (script) => script.sending.seal('KEY_UPDATE')],
  ])('refuses %s after CLOSE', async (_, make) => {
    for (const wait of [false, true]) {
      const facing = await open(role);
      const ended = wait ? once(facing.socket, 'end') : undefined;
      facing.script.send(facing.script.sending.seal('CLOSE'));
      await ended;
      facing.script.send(make(facing.script));
      expect(await ending(facing)).toEqual(UNEXPECTED);
      expect(facing.data).toEqual([]);
    }
  });

  it('refuses every handshake frame of either side, as it was', async () => {
    for (let i = 0; i < 8; i += 1) {
      const facing = await open(role);
      facing.script.send(facing.script.transcript[i] as Buffer);
      expect([i, await ending(facing)]).toEqual([i, UNEXPECTED]);
    }
  });

  it('takes the end of the transport without CLOSE for truncation, within a record and between two', async () => {
    for (const cut of [0, 1, 4, 10]) {
      const facing = await open(role);
      const [first, second] = [seal(facing.script, 'whole'), seal(facing.script, 'cut')];
      facing.script.socket.end(Buffer.concat([first, second.subarray(0, cut)]));
      expect(await ending(facing)).toEqual({ code: 'PQ_ERR_TRUNCATED', words: [] });
      expect(facing.data.join('')).toBe('whole');
    }
  });

  it('takes the end of the transport after CLOSE for no error, and goes on to send', async () => {
    const { script, socket } = await open(role);
    script.socket.end(script.sending.seal('CLOSE'));
    await once(socket, 'end');
    socket.end('more');
    expect(await script.lastWords()).toEqual(['Record DATA', 'Record CLOSE']);
  });
});

it.each(STATES.slice(1, 4))('a server in %s takes no Record, even one that will be right', async (state) => {
  const { script, error } = await pair.facing('server', state);
  script.send(seal(script, 'early'));
  expect((await error).code).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
  expect(await script.lastWords()).toEqual(['Alert unexpected_message']);
});

describe('a sender', () => {
  /** Sends many small writes, and gives the records that the script takes, up to the peer's CLOSE. */
  async function sent(socket: PqSocket, script: HardenedScript, writes: number) {
    for (let i = 0; i < writes; i += 1) socket.write(Buffer.alloc(100, i));
    socket.end();
    const keys: { records: number; bytes: number }[] = [{ records: 0, bytes: 0 }];
    let data = 0;
    for (;;) {
      const whole = (await script.readFrame()) as Buffer;
      const { type, content } = script.receiving.open(whole);
      const key = keys.at(-1) as { records: number; bytes: number };
      key.records += 1;
      key.bytes += whole.length - 4 - 16;
      data += content.length;
      if (type === 'CLOSE') return { keys, data };
      if (type !== 'KEY_UPDATE') continue;
      script.receiving.update();
      keys.push({ records: 0, bytes: 0 });
    }
  }

  it.each([
    ['records', { keyRecords: 4 }, 4, Number.POSITIVE_INFINITY],
    ['bytes', { keyBytes: 250 }, Number.POSITIVE_INFINITY, 251],
  ])('never goes over its limit of %s under a key, the KEY_UPDATE included', async (_, limits, records, bytes) => {
    const { script, socket } = await open('client', { limits, maxRecordSize: 100 });
    const { keys, data } = await sent(socket, script, 20);
    expect(data).toBe(2000);
    expect(keys.length).toBeGreaterThan(4);
    for (const key of keys) {
      expect(key.records).toBeLessThanOrEqual(records);
      expect(key.bytes).toBeLessThanOrEqual(bytes);
    }
  });

  it('renews an old key when it sends data, and does nothing while it is idle', async () => {
    const { script, socket } = await open('client', { limits: { keyAge: 1 } });
    const opened = performance.now();
    while (performance.now() - opened < 3); // the key is older than it should become
    socket.write('x');
    expect((await script.readRecord()).type).toBe('KEY_UPDATE'); // and nothing before it
    script.receiving.update();
    expect((await script.readRecord()).content.toString()).toBe('x');
    socket.destroy();
  });
});
