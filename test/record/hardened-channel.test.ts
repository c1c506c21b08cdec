import type { Role } from '../../lib/record/channel.js';
import type { InnerType } from '../../lib/record/inner-type.js';
import { ALERT_CODES } from '../../lib/wire/alert.js';
import { FRAME_TYPES, type FrameName, frame } from '../../lib/wire/frame.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { ChannelPair, handled } from '../support/channels.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';

const code = (expected: string) => expect.objectContaining({ code: expected });
const ROLES: Role[] = ['client', 'server'];
const NOTHING = new Uint8Array(0);

function alertFrame(...codes: number[]): Frame {
  const bytes = frame('Alert', Uint8Array.from(codes));
  return { header: bytes.subarray(0, 4), body: bytes.subarray(4) };
}

/** Which frames a side would take now, by their headers. */
function taken({ acceptHeader }: { acceptHeader: (header: Uint8Array) => number }): string[] {
  return (Object.keys(FRAME_TYPES) as FrameName[]).filter((name) => {
    const length = name === 'Alert' ? 1 : 100;
    try {
      return acceptHeader(Uint8Array.of(FRAME_TYPES[name], 0, 0, length)) === length;
    } catch (error) {
      expect(error).toMatchObject({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' });
      return false;
    }
  });
}

describe('an open connection', () => {
  it('carries data both ways, in order', () => {
    const { client, server } = new ChannelPair();
    for (const word of ['one ', 'two ', 'three']) {
      client.write(word);
      server.write(word.toUpperCase());
    }
    server.receive(...client.take());
    client.receive(...server.take());
    expect([server.text, client.text]).toEqual(['one two three', 'ONE TWO THREE']);
  });

  it('cuts what is written into records of the size that is set', () => {
    const { client, server } = new ChannelPair({ limits: { maxRecordSize: 10 } });
    client.write(Buffer.alloc(25, 'x'));
    expect(client.sent.map(({ body }) => body.length - 17)).toEqual([10, 10, 5]);
    server.receive(...client.take());
    expect(server.text).toBe('x'.repeat(25));
  });

  it('makes records of 65,536 bytes unless said otherwise, and none of nothing', () => {
    const { client } = new ChannelPair();
    client.write(Buffer.alloc(65_536 + 1));
    client.write('');
    expect(client.take().map(({ body }) => body.length - 17)).toEqual([65_536, 1]);
  });

  it('goes on when either side updates its keys at any time', () => {
    const pair = new ChannelPair({ limits: { keyRecords: 3, maxRecordSize: 10 } });
    const { client, server } = pair;
    for (let i = 0; i < 20; i += 1) {
      client.write(`client ${i}.`);
      server.write(`server ${i}.`);
      if (i % 3 === 0) pair.settle();
    }
    pair.settle();
    expect(server.text).toMatch(/^client 0\..*client 19\.$/);
    expect(client.text).toMatch(/^server 0\..*server 19\.$/);
    for (const role of ROLES) {
      expect(client.secretsOf(role).length).toBeGreaterThan(5);
      expect(client.secretsOf(role)).toEqual(server.secretsOf(role));
      expect(new Set(client.secretsOf(role)).size).toBe(client.secretsOf(role).length);
    }
  });

  it('sends data under a new key when the old one is an hour old, and does nothing while it is idle', () => {
    const { client, server, clock } = new ChannelPair({ limits: { rekeyInterval: Number.POSITIVE_INFINITY } });
    clock.now = 3_599_999;
    client.write('x');
    expect(client.take().length).toBe(1);
    clock.now = 10_000_000;
    expect(client.sent.length).toBe(0);
    client.write('x');
    expect(client.sent.length).toBe(2);
    expect(client.secretsOf('client').length).toBe(2);
    server.write('y');
    expect(server.sent.length).toBe(2);
  });

  it('has no KEY_UPDATE for CLOSE alone, however old its key is', () => {
    const { client, clock } = new ChannelPair();
    clock.now = 1e9;
    client.close();
    expect(client.sent.length).toBe(1);
  });
});

describe.each(ROLES)('what a %s may be sent', (role) => {
  it('is DATA of any length, empty DATA up to 32 in a row', () => {
    const { end, peer } = handled(role);
    for (let i = 0; i < 32; i += 1) end.receive(peer.seal('DATA'));
    end.receive(peer.seal('DATA', Buffer.from('x'), 7));
    for (let i = 0; i < 32; i += 1) end.receive(i % 2 ? peer.seal('DATA') : peer.seal('DATA', NOTHING, 100));
    expect(end.received.length).toBe(1); // nothing of no length was delivered
    expect(() => end.receive(peer.seal('DATA'))).toThrow(code('PQ_ERR_FLOOD'));
  });

  it('is 16 KEY_UPDATE in a row, and not 17', () => {
    const { end, peer } = handled(role);
    for (let i = 0; i < 16; i += 1) end.receive(peer.update());
    end.receive(peer.seal('DATA', Buffer.from('x')));
    for (let i = 0; i < 16; i += 1) end.receive(peer.update());
    expect(() => end.receive(peer.update())).toThrow(code('PQ_ERR_FLOOD'));
  });

  it('is no record under the old key after KEY_UPDATE', () => {
    const { end, peer } = handled(role);
    const [update, late] = [peer.seal('KEY_UPDATE'), peer.seal('DATA', Buffer.from('late'))];
    end.receive(update);
    expect(() => end.receive(late)).toThrow(code('PQ_ERR_BAD_RECORD'));
    expect(end.text).toBe('');
  });

  it.each(['CLOSE', 'KEY_UPDATE'] as const)('is no %s with something in it', (type) => {
    const { end, peer } = handled(role);
    expect(() => end.receive(peer.seal(type, Uint8Array.of(0)))).toThrow(code('PQ_ERR_DECODE'));
    expect(end.ended).toBe(false);
  });

  it('is no record that is nothing but padding, and none of an unknown type', () => {
    for (const [byte, expected] of [
      [0, 'PQ_ERR_BAD_RECORD'],
      [9, 'PQ_ERR_UNEXPECTED_MESSAGE'],
      [255, 'PQ_ERR_UNEXPECTED_MESSAGE'],
    ] as const) {
      const { end, peer } = handled(role);
      expect(() => end.receive(peer.seal(byte, NOTHING, 3))).toThrow(code(expected));
    }
  });

  it('is every type but those of the other role', () => {
    const types: InnerType[] = ['DATA', 'CLOSE', 'KEY_UPDATE'];
    for (const type of types) {
      const { end, peer } = handled(role);
      expect(() => end.receive(peer.seal(type))).not.toThrow();
    }
    const rekey: InnerType[] = role === 'client' ? ['REKEY_INIT', 'REKEY_DONE'] : ['REKEY_RESP'];
    for (const type of rekey) {
      const { end, peer } = handled(role);
      expect(() => end.receive(peer.seal(type, Buffer.alloc(1568)))).toThrow(code('PQ_ERR_REKEY'));
    }
  });

  it('is a Record, and from the beginning of what has come no handshake frame', () => {
    const { end, peer } = handled(role);
    expect(taken(end.channel)).toEqual(role === 'client' ? ['Alert', 'Record'] : ['Record']);
    end.receive(peer.seal('DATA'));
    expect(taken(end.channel)).toEqual(['Record']);
    end.receive(peer.seal('CLOSE'));
    expect(taken(end.channel)).toEqual([]);
  });

  it.each([
    [16, false],
    [17, true],
    [65_553, true],
    [65_554, false],
  ])('is no Record of any other length than 17 to 65,553: one of %d bytes', (length, fits) => {
    const { end } = handled(role);
    const header = Uint8Array.of(0x10, length >> 16, length >> 8, length);
    if (fits) expect(end.channel.acceptHeader(header)).toBe(length);
    else expect(() => end.channel.acceptHeader(header)).toThrow(code('PQ_ERR_DECODE'));
  });

  it('is an end of the transport only after CLOSE', () => {
    const { end, peer } = handled(role);
    expect(() => end.channel.receiveEnd()).toThrow(code('PQ_ERR_TRUNCATED'));
    end.receive(peer.seal('DATA', Buffer.from('not all')));
    expect(() => end.channel.receiveEnd()).toThrow(code('PQ_ERR_TRUNCATED'));
    end.receive(peer.seal('CLOSE'));
    expect(() => end.channel.receiveEnd()).not.toThrow();
  });
});

describe.each(ROLES)('an alert to a %s', (role) => {
  it.each(Object.entries(ALERT_CODES))('in a record: %s', (name, number) => {
    const { end, peer } = handled(role);
    expect(() => end.receive(peer.seal('ALERT', Uint8Array.of(number)))).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_ALERT', alert: name }),
    );
    expect(end.channel.alert('internal', end)).toBe(false);
    expect(end.sent).toEqual([]);
  });

  it.each([
    ['of an unknown code', [99]],
    ['without a code', []],
    ['with two codes', [1, 1]],
  ])('%s ends the connection as well, and is not answered', (_, codes) => {
    const { end, peer } = handled(role);
    expect(() => end.receive(peer.seal('ALERT', Uint8Array.from(codes)))).toThrow(code('PQ_ERR_DECODE'));
    expect(end.channel.alert('decode_error', end)).toBe(false);
    expect(end.sent).toEqual([]);
  });
});

describe('an alert in a frame', () => {
  it('is taken by a client whose ClientFinished was refused', () => {
    const { end } = handled('client');
    expect(() => end.receive(alertFrame(ALERT_CODES.auth_failed))).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' }),
    );
    expect(end.channel.alert('internal', end)).toBe(false);
  });

  it('is not taken any more once a Record has come', () => {
    const { end, peer } = handled('client');
    end.receive(peer.seal('KEY_UPDATE'));
    expect(() => end.receive(alertFrame(1))).toThrow(code('PQ_ERR_UNEXPECTED_MESSAGE'));
  });

  it('is never taken by a server', () => {
    const { end } = handled('server');
    expect(() => end.receive(alertFrame(1))).toThrow(code('PQ_ERR_UNEXPECTED_MESSAGE'));
  });

  it('of another length is refused on its header', () => {
    const { end } = handled('client');
    for (const codes of [[], [1, 1]]) {
      expect(() => end.channel.acceptHeader(alertFrame(...codes).header)).toThrow(code('PQ_ERR_DECODE'));
    }
  });
});

describe.each(ROLES)('our own end, as a %s,', (role) => {
  it('is one CLOSE, and nothing after it', () => {
    const { end, peer } = handled(role);
    end.write('last words');
    end.close();
    end.close();
    expect(end.channel.alert('internal', end)).toBe(false);
    expect(peer.open(...end.take()).map(({ type }) => type)).toEqual(['DATA', 'CLOSE']);
  });

  it('is one ALERT, and nothing after it', () => {
    const { end, peer } = handled(role);
    expect(end.channel.alert('bad_record', end)).toBe(true);
    expect(end.channel.alert('internal', end)).toBe(false);
    end.close();
    const [alert, ...rest] = peer.open(...end.take());
    expect(alert).toEqual({ type: 'ALERT', content: Buffer.of(ALERT_CODES.bad_record) });
    expect(rest).toEqual([]);
  });

  it('leaves the other direction as it is: data and new keys still come', () => {
    const { end, peer } = handled(role);
    end.close();
    end.receive(peer.seal('DATA', Buffer.from('go')), peer.update(), peer.seal('DATA', Buffer.from(' on')));
    expect(end.text).toBe('go on');
    expect(end.ended).toBe(false);
    end.receive(peer.seal('CLOSE'));
    expect(end.ended).toBe(true);
  });

  it('may come long after the peer’s: data and new keys still go', () => {
    const { end, peer, clock } = handled(role, { limits: { keyRecords: 3 } });
    end.receive(peer.seal('CLOSE'));
    clock.now = 1e9;
    for (let i = 0; i < 3; i += 1) end.write('x');
    end.close();
    const types = peer.open(...end.take()).map(({ type }) => type);
    expect(types).toEqual(['KEY_UPDATE', 'DATA', 'DATA', 'KEY_UPDATE', 'DATA', 'CLOSE']); // and no REKEY_INIT
  });
});

describe('tickets', () => {
  it('are dropped by a client when they have the right length', () => {
    for (const length of [37, 548]) {
      const { end, peer } = handled('client');
      end.receive(peer.seal('TICKET', Buffer.alloc(length, 1)));
      expect([end.received, end.sent]).toEqual([[], []]);
    }
  });

  it.each([0, 36, 549, 65_536])('are refused with %d bytes', (length) => {
    const { end, peer } = handled('client');
    expect(() => end.receive(peer.seal('TICKET', Buffer.alloc(length, 1)))).toThrow(code('PQ_ERR_DECODE'));
  });

  it('are four in a connection, whatever is between them', () => {
    const { end, peer } = handled('client');
    for (let i = 0; i < 4; i += 1) {
      end.receive(peer.seal('TICKET', Buffer.alloc(100)), peer.seal('DATA', Buffer.from('x')), peer.update());
    }
    expect(() => end.receive(peer.seal('TICKET', Buffer.alloc(100)))).toThrow(code('PQ_ERR_FLOOD'));
  });

  it('are not for servers', () => {
    const { end, peer } = handled('server');
    expect(() => end.receive(peer.seal('TICKET', Buffer.alloc(100)))).toThrow(code('PQ_ERR_UNEXPECTED_MESSAGE'));
  });
});

describe('the exporter', () => {
  it('gives both sides the same, before and after KEY_UPDATE and REKEY', () => {
    const pair = new ChannelPair({ limits: { keyRecords: 2, rekeyInterval: 1000 } });
    const exported = () => [pair.client, pair.server].map(({ channel }) => channel.exporter(100, 'label', NOTHING));
    const [first, same] = exported();
    expect(same).toEqual(first);
    for (let i = 0; i < 5; i += 1) pair.client.write('x');
    pair.settle();
    expect(exported()).toEqual([first, first]);
    pair.clock.now = 1000;
    pair.client.write('x');
    pair.settle();
    expect(pair.server.secretsOf('server').length).toBe(2); // a REKEY was made
    expect(exported()).toEqual([first, first]);
  });

  it('gives nothing of a connection that is disposed of', () => {
    const { end } = handled('client');
    end.channel.dispose();
    expect(() => end.channel.exporter(16, 'x', NOTHING)).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
  });
});

describe('a connection that is disposed of', () => {
  it.each(ROLES)('has no secret left, as a %s', (role) => {
    const made = secretsMade(() => {
      const { end, peer } = handled(role);
      end.write('x');
      end.receive(peer.update(), peer.seal('DATA', Buffer.from('x')));
      end.channel.exporter(16, 'x', NOTHING);
      end.channel.dispose();
      peer.dispose();
    });
    expect(made.length).toBeGreaterThan(10);
    expect(lengthsAlive(made)).toEqual([]);
  });

  it('sends nothing more, not even why', () => {
    const { end } = handled('server');
    end.channel.dispose();
    expect(end.channel.alert('internal', end)).toBe(false);
    end.close();
    expect(end.sent).toEqual([]);
    expect(() => end.write('x')).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
  });
});
