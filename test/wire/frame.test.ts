import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acceptFrames,
  exactly,
  FRAME_TYPES,
  type FrameName,
  frame,
  frameHeader,
  frameName,
} from '../../lib/wire/frame.js';

const names = Object.keys(FRAME_TYPES) as FrameName[];
const unexpected = expect.objectContaining({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' });
const malformed = expect.objectContaining({ code: 'PQ_ERR_DECODE' });
const header = (type: number, length: number) => Uint8Array.of(type, length >>> 16, length >>> 8, length);

describe('the types of frames', () => {
  it('are those of PROTOCOL.md', () => {
    const protocol = readFileSync(join(__dirname, '../../PROTOCOL.md'), 'utf8');
    const listed = [...protocol.matchAll(/^\| 0x([0-9A-F]{2}) \| ((?:[A-Z][a-z]+)+) \| (?:S→C|C→S|both) \| /gm)];
    expect(Object.fromEntries(listed.map(([, type, name]) => [name, Number.parseInt(type ?? '', 16)]))).toEqual(
      FRAME_TYPES,
    );
  });

  it('are found by their number, and no others', () => {
    const found = Array.from({ length: 256 }, (_, type) => frameName(Uint8Array.of(type, 0, 0, 0)));
    expect(found.filter((name) => name !== undefined)).toEqual(names);
    for (const name of names) expect(found[FRAME_TYPES[name]]).toBe(name);
  });
});

describe('a frame', () => {
  it.each([0, 1, 255, 256, 65_553, 2 ** 24 - 1])('of %d bytes says so in three bytes', (length) => {
    expect(frameHeader('Record', length)).toEqual(header(0x10, length));
  });

  it('is its header and its parts', () => {
    const whole = frame('ServerAuth', Uint8Array.of(0), Uint8Array.of(), Uint8Array.of(7, 8));
    expect(whole).toEqual(Uint8Array.of(0x06, 0, 0, 3, 0, 7, 8));
    expect(frame('Alert')).toEqual(Uint8Array.of(0x0a, 0, 0, 0));
  });
});

describe('a header', () => {
  it.each(names)('of a %s is taken where it is permitted, and nothing else is', (name) => {
    const accept = acceptFrames(exactly(name, 5));
    for (let type = 0; type < 256; type += 1) {
      if (type === FRAME_TYPES[name]) expect(accept(header(type, 5))).toBe(5);
      else expect(() => accept(header(type, 5))).toThrow(unexpected);
    }
  });

  it.each(names)('of a %s is taken beside others that are permitted', (name) => {
    const others = names.filter((other) => other !== name).map((other) => exactly(other, 1));
    const accept = acceptFrames(...others, exactly(name, 2));
    expect(accept(header(FRAME_TYPES[name], 2))).toBe(2);
    for (const length of [1, 3]) expect(() => accept(header(FRAME_TYPES[name], length))).toThrow(malformed);
    for (const other of others) expect(accept(header(FRAME_TYPES[other.name], 1))).toBe(1);
  });

  it.each<[FrameName, number, number]>([
    ['ServerHello', 0, 16_384],
    ['ClientHello', 41, 3656],
    ['ClientKem', 1568, 1568],
    ['ClientAuth', 4627, 4627],
    ['Record', 17, 65_553],
    ['Alert', 1, 1],
  ])('of a %s has %d to %d bytes, both ends included', (name, least, most) => {
    const accept = acceptFrames({ name, least, most });
    for (const length of [least, most]) expect(accept(header(FRAME_TYPES[name], length))).toBe(length);
    for (const length of [least - 1, most + 1, 2 ** 24 - 1]) {
      if (length >= 0) expect(() => accept(header(FRAME_TYPES[name], length))).toThrow(malformed);
    }
  });

  it('is judged by its type first, whatever length it says', () => {
    const accept = acceptFrames(exactly('ClientKem', 1568));
    expect(() => accept(header(FRAME_TYPES.ClientAuth, 2 ** 24 - 1))).toThrow(unexpected);
  });

  it('is refused, whatever it is, where nothing may come', () => {
    for (const name of names) expect(() => acceptFrames()(header(FRAME_TYPES[name], 17))).toThrow(unexpected);
    expect(() => acceptFrames()(header(0x10, 17))).toThrow('the peer sent a Record: nothing more may come');
  });

  it('that is refused is told from what was awaited', () => {
    const accept = acceptFrames(exactly('ServerKem', 1568), exactly('Alert', 1));
    expect(() => accept(header(0x06, 1))).toThrow('the peer sent a ServerAuth: it is the turn of ServerKem or Alert');
    expect(() => accept(header(0xfe, 1))).toThrow('the peer sent a frame of type 0xfe');
    expect(() => accept(header(0x05, 7))).toThrow('the peer sent a ServerKem of 7 bytes: it has 1568');
    expect(() => acceptFrames({ name: 'Record', least: 17, most: 20 })(header(0x10, 1))).toThrow('it has 17 to 20');
  });

  it('says what the peer may be', () => {
    const accept = acceptFrames(exactly('ServerHello', 100));
    expect(() => accept(Buffer.from('HTTP'))).toThrow('(its first bytes are "HTTP": another protocol?)');
    expect(() => accept(Uint8Array.of(0, 0, 0x0a, 0x20))).toThrow('(is it set to the seed profile?)');
    expect(() => accept(Uint8Array.of(0x16, 3, 1, 2))).toThrow(/ServerHello$/); // TLS: nothing to say about it
  });
});
