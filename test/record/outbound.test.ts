import { Outbound, type OutboundLimits } from '../../lib/record/outbound.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { HandPeer, LIMITS, Outcome, startSecrets } from '../support/channels.js';
import { checkText, fillerSecrets } from '../support/check-values.js';

/** A client's direction, what it sends, and a server that reads it. */
function outbound(limits: Partial<OutboundLimits> = {}) {
  const out = new Outcome();
  const direction = new Outbound('client', startSecrets().client, { ...LIMITS, ...limits }, 0);
  const reader = new HandPeer('server');
  const send = (content: Uint8Array | string = '') => direction.send('DATA', Buffer.from(content), out);
  /** The types of what was sent, each with the bytes of its plaintext. */
  const sent = () => {
    const frames = out.take();
    const types = reader.open(...frames).map(({ type }) => type);
    return frames.map(({ body }, i) => `${types[i]} ${body.length - 16}`);
  };
  return { direction, out, reader, send, sent };
}

const hex = (frames: { header: Uint8Array; body: Uint8Array }[]) =>
  frames.map(({ header, body }) => Buffer.concat([header, body]).toString('hex'));

describe('our direction', () => {
  it('seals the records of PROTOCOL.md, byte for byte', () => {
    const out = new Outcome();
    // In multiples of three DATA with `hello` has no padding, and KEY_UPDATE has two bytes of it.
    const direction = new Outbound('client', fillerSecrets().client, { ...LIMITS, padding: 3 }, 0);
    direction.send('DATA', Buffer.from('hello'), out);
    direction.update(out);
    expect(hex(out.take())).toEqual(checkText(/ ([0-9a-f]{52}) +([0-9a-f]{46}) /));
  });

  it('sends no two records that are the same, whatever they hold', () => {
    const { send, out } = outbound();
    for (let i = 0; i < 100; i += 1) send('the same');
    expect(new Set(hex(out.take())).size).toBe(100);
  });

  it.each([
    [1, 0, 1],
    [1, 5, 6],
    [256, 0, 256],
    [256, 255, 256],
    [256, 256, 512],
    [1000, 65_536, 65_537], // the next multiple would be more than a record holds
    [65_537, 0, 65_537],
    [65_537, 65_536, 65_537],
  ])('fills up to a multiple of %d bytes: %d of data become %d', (padding, length, padded) => {
    const { send, reader, out } = outbound({ padding });
    send(Buffer.alloc(length, 7));
    const [record] = out.take() as [Frame];
    expect(record.header).toEqual(Buffer.of(0x10, ...[16, 8, 0].map((by) => ((padded + 16) >> by) & 0xff)));
    expect(record.body.length).toBe(padded + 16);
    expect(reader.open(record)[0]?.content.length).toBe(length);
  });

  it('fills up records of every type', () => {
    const { direction, out, reader } = outbound({ padding: 64 });
    direction.update(out);
    direction.send('CLOSE', Buffer.alloc(0), out);
    expect(out.sent.map(({ body }) => body.length)).toEqual([80, 80]);
    expect(reader.open(...out.take()).map(({ type }) => type)).toEqual(['KEY_UPDATE', 'CLOSE']);
  });

  it('seals as many records under one key as it may, the KEY_UPDATE included', () => {
    const { send, sent } = outbound({ keyRecords: 3 });
    for (let i = 0; i < 5; i += 1) send('x');
    const [data, update] = ['DATA 2', 'KEY_UPDATE 1'];
    expect(sent()).toEqual([data, data, update, data, data, update, data]);
  });

  it('goes on under the next key at the least limit, too', () => {
    const { send, sent } = outbound({ keyRecords: 2 });
    for (let i = 0; i < 3; i += 1) send('x');
    expect(sent()).toEqual(['DATA 2', 'KEY_UPDATE 1', 'DATA 2', 'KEY_UPDATE 1', 'DATA 2']);
  });

  it('seals as many bytes under one key as it may, and not one more', () => {
    const { send, sent } = outbound({ keyBytes: 100 });
    for (const length of [49, 49, 0, 99, 0]) send(Buffer.alloc(length, 1)); // and a byte of type for each
    const update = 'KEY_UPDATE 1';
    expect(sent()).toEqual(['DATA 50', 'DATA 50', update, 'DATA 1', update, 'DATA 100', update, 'DATA 1']);
  });

  it('counts what it fills up with', () => {
    const { send, sent } = outbound({ keyBytes: 128, padding: 64 });
    for (let i = 0; i < 3; i += 1) send();
    expect(sent()).toEqual(['DATA 64', 'DATA 64', 'KEY_UPDATE 64', 'DATA 64']);
  });

  it('sends a record that is longer than all that a key may seal, alone', () => {
    const { send, sent } = outbound({ keyBytes: 10 });
    for (let i = 0; i < 2; i += 1) send(Buffer.alloc(50, 1));
    expect(sent()).toEqual(['DATA 51', 'KEY_UPDATE 1', 'DATA 51']);
  });

  it('is as old as its key', () => {
    const { direction, out } = outbound({ keyAge: 1000 });
    expect([0, 999, 1000, 5000].map((now) => direction.isOld(now))).toEqual([false, false, true, true]);
    out.clock.now = 5000;
    direction.update(out);
    expect([5000, 5999, 6000].map((now) => direction.isOld(now))).toEqual([false, false, true]);
    out.clock.now = 7000;
    direction.replace(startSecrets().server, out);
    expect([7999, 8000].map((now) => direction.isOld(now))).toEqual([false, true]);
  });

  it('counts records and bytes again under a key from a REKEY', () => {
    const { direction, send, sent, out, reader } = outbound({ keyRecords: 3, keyBytes: 10 });
    for (let i = 0; i < 2; i += 1) send('abc');
    expect(sent()).toEqual(['DATA 4', 'DATA 4']);
    direction.replace(startSecrets().server, out);
    reader.readUnder(startSecrets().server);
    for (let i = 0; i < 2; i += 1) send('abc');
    expect(sent()).toEqual(['DATA 4', 'DATA 4']);
  });

  it('tells the key log each generation of its own direction', () => {
    const { direction, out } = outbound();
    direction.log(out);
    direction.update(out);
    direction.replace(startSecrets().server, out);
    expect(out.log.map(({ sender, generation }) => [sender, generation])).toEqual([
      ['client', 0],
      ['client', 1],
      ['client', 2],
    ]);
    expect(out.log.map(({ secret }) => secret.length)).toEqual([64, 64, 64]);
    expect(out.secretsOf('client')[2]).toBe(`2 ${'50'.repeat(64)}`);
  });

  it('leaves what it was given as it is', () => {
    const { direction, out } = outbound({ padding: 32 });
    const content = Buffer.from('data');
    direction.send('DATA', content, out);
    expect(content.toString()).toBe('data');
  });

  it('seals nothing once it is disposed of', () => {
    const { direction, out } = outbound();
    direction.dispose();
    const disposed = expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' });
    expect(() => direction.send('DATA', Buffer.alloc(1), out)).toThrow(disposed);
    expect(out.sent).toEqual([]);
  });
});
