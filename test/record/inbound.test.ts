import { createCipheriv } from 'node:crypto';
import { Inbound } from '../../lib/record/inbound.js';
import { INNER_TYPES, type InnerType, innerTypeOf } from '../../lib/record/inner-type.js';
import { TrafficKeys } from '../../lib/record/traffic-keys.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { HandPeer, LIMITS, Outcome, startSecrets } from '../support/channels.js';
import { checkText, fillerSecrets } from '../support/check-values.js';
import { bytesOf, openOne } from '../support/frames.js';

const bad = expect.objectContaining({ code: 'PQ_ERR_BAD_RECORD' });
const flood = expect.objectContaining({ code: 'PQ_ERR_FLOOD' });
const unexpected = expect.objectContaining({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' });

let inbound: Inbound;
let peer: HandPeer;
let out: Outcome;
beforeEach(() => {
  inbound = new Inbound('client', startSecrets().client, LIMITS);
  peer = new HandPeer('client');
  out = new Outcome();
});

describe('the peer’s direction', () => {
  it('opens the records of PROTOCOL.md', () => {
    const records = checkText(/ ([0-9a-f]{52}) +([0-9a-f]{46}) /).map((hex) => Buffer.from(hex, 'hex'));
    const filler = new Inbound('client', fillerSecrets().client, LIMITS);
    const opened = records.map((bytes) => openOne(filler, { header: bytes.subarray(0, 4), body: bytes.subarray(4) }));
    expect(opened.map(({ type, content }) => [type, content.toString()])).toEqual([
      ['DATA', 'hello'],
      ['KEY_UPDATE', ''],
    ]);
  });

  it.each(Object.keys(INNER_TYPES) as InnerType[])('opens a record of type %s, with and without padding', (type) => {
    const content = Buffer.from([0, 1, 0, 0]); // zeros at the end of the content are no padding
    for (const padding of [0, 1, 1000]) {
      expect(openOne(inbound, peer.seal(type, content, padding))).toEqual({ type, content });
    }
  });

  it('holds on to no padding with what it gives out', () => {
    for (const length of [1, 1023, 20_000]) {
      const { content } = openOne(inbound, peer.seal('DATA', Buffer.alloc(length), 65_536 - length));
      expect(content.length).toBe(length);
      expect(content.buffer.byteLength).toBeLessThan(Math.max(2 * length, 32_768));
    }
  });

  it('opens records without content and with as much as there can be', () => {
    for (const length of [0, 65_536])
      expect(openOne(inbound, peer.seal('DATA', Buffer.alloc(length))).content.length).toBe(length);
    expect(openOne(inbound, peer.seal('DATA', Buffer.alloc(0), 65_536)).content.length).toBe(0);
  });

  it.each([1, 2, 17, 65_537])('refuses a record of %d bytes of nothing but padding', (length) => {
    expect(() => openOne(inbound, peer.sealPlaintext(new Uint8Array(length)))).toThrow(bad);
  });

  it('refuses every type that there is not', () => {
    const known: number[] = Object.values(INNER_TYPES);
    for (let type = 1; type < 256; type += 1) {
      if (known.includes(type)) continue;
      expect(innerTypeOf(type)).toBeUndefined();
      expect(() => openOne(inbound, peer.seal(type, Buffer.from('x')))).toThrow(unexpected);
    }
  });

  it('is AES-256-GCM with the header as associated data', () => {
    const keys = new TrafficKeys(startSecrets().client);
    const header = Buffer.of(0x10, 0, 0, 19);
    const cipher = createCipheriv('aes-256-gcm', keys.key, keys.nextNonce()).setAAD(header);
    const body = Buffer.concat([cipher.update('hi\x01', 'latin1'), cipher.final(), cipher.getAuthTag()]);
    expect(openOne(inbound, { header, body }).content.toString()).toBe('hi');
  });
});

describe('a record that somebody has changed', () => {
  it('does not open with any one bit of it changed, its header included', () => {
    const { header, body } = peer.seal('DATA', Buffer.from('ten bytes!'));
    for (const part of [header, body] as Buffer[]) {
      for (let bit = 0; bit < part.length * 8; bit += 1) {
        const again = new Inbound('client', startSecrets().client, LIMITS);
        part[bit >> 3] = (part[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => openOne(again, { header, body })).toThrow(bad);
        part[bit >> 3] = (part[bit >> 3] as number) ^ (1 << (bit & 7));
      }
    }
    expect(openOne(inbound, { header, body }).content.toString()).toBe('ten bytes!');
  });

  it.each<[string, (records: Frame[]) => (Frame | undefined)[]]>([
    ['comes twice', ([a]) => [a, a]],
    ['is left out', ([, b]) => [b]],
    ['changes its place', ([a, b, c]) => [a, c, b]],
    ['is cut', ([a]) => [a && { ...a, body: a.body.subarray(0, -1) }]],
    [
      'is two in one',
      ([a, b]) => [a && b && { header: Buffer.of(0x10, 0, 0, 40), body: Buffer.concat([a.body, b.body]) }],
    ],
  ])('does not open when it %s', (_, change) => {
    const records = ['one', 'two', 'three'].map((word) => peer.seal('DATA', Buffer.from(word)));
    const open = () => {
      for (const record of change(records)) openOne(inbound, record as Frame);
    };
    expect(open).toThrow(bad);
  });

  it('does not open when it comes from the other direction', () => {
    expect(() => openOne(inbound, new HandPeer('server').seal('DATA', Buffer.from('x')))).toThrow(bad);
  });

  it('does not open when it is of the key before, or of the next but one', () => {
    const old = peer.seal('DATA', Buffer.from('old'));
    inbound.update(out);
    expect(() => openOne(inbound, old)).toThrow(bad);
    peer.keys.update();
    peer.keys.update();
    const again = new Inbound('client', startSecrets().client, LIMITS);
    again.update(out);
    expect(() => openOne(again, peer.seal('DATA'))).toThrow(bad);
  });
});

describe('the limit of records under one key', () => {
  it('is looked at before a record is opened, also of many at once', () => {
    const advance = jest.spyOn(TrafficKeys.prototype, 'advance');
    openOne(inbound, peer.seal('DATA', Buffer.from('first')));
    const keys = advance.mock.contexts.at(-1) as TrafficKeys;
    advance.mockRestore();
    for (const each of [keys, peer.keys]) each.advance(2 ** 24 - 3);
    const records = ['last but one', 'last', 'too many'].map((word) => peer.seal('DATA', Buffer.from(word)));
    const bytes = Buffer.concat(records.map(bytesOf));
    const { data, consumed, last } = inbound.open(bytes, new Uint8Array(bytes.length));
    expect([Buffer.from(data).toString(), last]).toEqual(['last but onelast', undefined]);
    expect(() => inbound.open(bytes.subarray(consumed), new Uint8Array(bytes.length))).toThrow(flood);
  });
});

describe('records without data', () => {
  it('may be 32 in a row, whatever is between them', () => {
    for (let i = 0; i < 32; i += 1) {
      inbound.countData(0);
      if (i % 2 === 0) inbound.update(out);
    }
    expect(() => inbound.countData(0)).toThrow(flood);
  });

  it('are counted anew after data', () => {
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 32; i += 1) inbound.countData(0);
      inbound.countData(1);
    }
  });
});

describe('new keys', () => {
  const updates = (count: number) => {
    for (let i = 0; i < count; i += 1) inbound.update(out);
  };

  it('may be 16 within a minute, and the 17th is too many', () => {
    updates(16);
    expect(() => inbound.update(out)).toThrow(flood);
  });

  it('are counted over the last minute, not over minutes of the clock', () => {
    out.clock.now = 1000;
    updates(8);
    out.clock.now = 31_000;
    updates(8);
    out.clock.now = 60_999; // the first were not quite a minute ago
    expect(() => inbound.update(out)).toThrow(flood);
  });

  it('may go on when the first of them is a minute old', () => {
    updates(1);
    out.clock.now = 1;
    updates(15);
    out.clock.now = 60_000;
    updates(1);
    expect(() => inbound.update(out)).toThrow(flood);
  });

  it('may go on for ever at one in four seconds', () => {
    for (let i = 0; i < 100; i += 1) {
      out.clock.now += 4000;
      updates(1);
    }
  });

  it('are counted anew after data, and only after data', () => {
    updates(16);
    inbound.countData(1);
    updates(16);
    inbound.countData(0);
    expect(() => inbound.update(out)).toThrow(flood);
  });

  it('of REKEY are not counted: they come seldom by themselves', () => {
    updates(16);
    for (let i = 0; i < 20; i += 1) inbound.replace(startSecrets().server, out);
    expect(() => updates(1)).toThrow(flood);
  });

  it('are told to the key log, with the sender and the generation', () => {
    inbound.log(out);
    inbound.update(out);
    inbound.replace(startSecrets().server, out);
    expect(out.log.map(({ sender, generation }) => [sender, generation])).toEqual([
      ['client', 0],
      ['client', 1],
      ['client', 2],
    ]);
  });
});

describe('a direction that is disposed of', () => {
  it('opens nothing', () => {
    const record = peer.seal('DATA');
    inbound.dispose();
    expect(() => openOne(inbound, record)).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }));
  });
});
