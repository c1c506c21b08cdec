import fc from 'fast-check';
import { exactField, fieldBetween } from '../../lib/wire/field.js';
import { type Frame, FrameDecoder } from '../../lib/wire/frame-decoder.js';
import { field } from '../support/seed-script.js';

const any = fieldBetween('frame', 0, 2 ** 20);

describe('a frame decoder', () => {
  it('gives the same frames however the bytes are cut into chunks', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(bodies, cuts, (frames, sizes) => {
        const stream = Buffer.concat(frames.map(field));
        const decoder = new FrameDecoder();
        const decoded: Uint8Array[] = [];
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const size = sizes[i % sizes.length] as number;
          decoder.push(stream.subarray(at, at + size));
          at += size;
          for (let frame = decoder.next(any); frame !== undefined; frame = decoder.next(any)) decoded.push(frame.body);
        }
        expect(decoded.map((body) => Buffer.from(body))).toEqual(frames.map((body) => Buffer.from(body)));
        expect(decoder.atBoundary).toBe(true);
      }),
    );
  });

  it('judges a header once, and before any of the body has come', () => {
    const decoder = new FrameDecoder();
    const accept = jest.fn(() => 3);
    decoder.push(Uint8Array.of(0, 0, 0));
    expect(decoder.next(accept)).toBeUndefined();
    expect(accept).not.toHaveBeenCalled();
    decoder.push(Uint8Array.of(3));
    expect(decoder.next(accept)).toBeUndefined();
    decoder.push(Uint8Array.of(7, 8, 9));
    expect(decoder.next(accept)).toEqual({ header: Uint8Array.of(0, 0, 0, 3), body: Uint8Array.of(7, 8, 9) });
    expect(accept).toHaveBeenCalledTimes(1);
  });

  it('is not at the end of a frame within a header, after one, or within a body', () => {
    const decoder = new FrameDecoder();
    expect(decoder.atBoundary).toBe(true);
    for (const byte of [0, 0, 0, 2, 9]) {
      decoder.push(Uint8Array.of(byte));
      expect(decoder.next(any)).toBeUndefined();
      expect(decoder.atBoundary).toBe(false);
    }
    decoder.push(Uint8Array.of(9));
    decoder.next(any);
    expect(decoder.atBoundary).toBe(true);
  });

  it('copies nothing of a body that came in one chunk', () => {
    const decoder = new FrameDecoder();
    const chunk = field(Buffer.alloc(2000));
    decoder.push(chunk);
    expect(decoder.next(any)?.body.buffer === chunk.buffer).toBe(true);
  });

  it('keeps a body that comes byte by byte in a few times its size', () => {
    const length = 20_000;
    const decoder = new FrameDecoder();
    for (const byte of field(Buffer.alloc(length))) decoder.push(Uint8Array.of(byte));
    const { body } = decoder.next(any) as Frame; // given out without a copy: all bytes were in one buffer
    expect(body.byteOffset).toBe(4);
    expect(body.buffer.byteLength).toBeLessThan(4 * length);
  });

  it('never writes again to what it has given out', () => {
    const decoder = new FrameDecoder();
    decoder.push(field(Buffer.from('first')));
    const first = decoder.next(any) as Frame;
    for (let i = 0; i < 100; i += 1) decoder.push(field(Buffer.from('later frames')));
    for (let i = 0; i < 100; i += 1) {
      expect(Buffer.from((decoder.next(any) as Frame).body).toString()).toBe('later frames');
    }
    expect(Buffer.from(first.body).toString()).toBe('first');
    expect(first.header).toEqual(Uint8Array.of(0, 0, 0, 5));
  });
});

describe('a field’s header', () => {
  it('is refused unless it has the one right length', () => {
    const accept = exactField('kem_pk', 1568);
    expect(accept(Uint8Array.of(0, 0, 6, 0x20))).toBe(1568);
    expect(() => accept(Uint8Array.of(0, 0, 6, 0x21))).toThrow(/kem_pk of 1569 bytes: it has 1568/);
    expect(() => accept(Uint8Array.of(255, 255, 255, 255))).toThrow(/of 4294967295 bytes/);
  });

  it('is refused outside a range, whose ends are within', () => {
    const accept = fieldBetween('record', 28, 30);
    expect([28, 30].map((length) => accept(Uint8Array.of(0, 0, 0, length)))).toEqual([28, 30]);
    for (const length of [27, 31]) expect(() => accept(Uint8Array.of(0, 0, 0, length))).toThrow(/28 to 30/);
  });
});
