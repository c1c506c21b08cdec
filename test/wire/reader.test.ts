import { Reader } from '../../lib/wire/reader.js';

const malformed = expect.objectContaining({ code: 'PQ_ERR_DECODE' });
const reader = (...bytes: number[]) => new Reader('Message', Uint8Array.from(bytes));

describe('a reader', () => {
  it('reads numbers, big-endian, and bytes, one after the other', () => {
    const message = reader(0x01, 0x02, 0x03, 0xff, 0xfe, 9, 8);
    expect([message.u8(), message.u16(), message.u16()]).toEqual([0x01, 0x0203, 0xfffe]);
    expect(message.rest).toBe(2);
    expect([...message.bytes(2)]).toEqual([9, 8]);
    expect(() => message.end()).not.toThrow();
  });

  it('reads no bytes at the end', () => {
    expect(reader().bytes(0).length).toBe(0);
  });

  it('reads nothing that ends beyond the message, wherever it begins', () => {
    expect(() => reader().u8()).toThrow(malformed);
    for (const bytes of [[], [1]]) expect(() => reader(...bytes).u16()).toThrow(malformed);
    const message = reader(1, 1, 1);
    message.u16();
    expect(() => message.u16()).toThrow(malformed);
    expect(() => message.bytes(2)).toThrow("the peer's Message ends 1 bytes too early");
  });

  it('goes on at the same place after what it could not read', () => {
    const message = reader(5, 6);
    expect(() => message.bytes(3)).toThrow(malformed);
    expect([...message.bytes(2)]).toEqual([5, 6]);
  });

  it('says how many bytes are too many', () => {
    const message = reader(1, 2, 3);
    message.u8();
    expect(() => message.end()).toThrow("the peer's Message has 2 bytes too many");
    expect(() => message.end()).toThrow(malformed);
  });

  it('copies nothing', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(new Reader('Message', bytes).bytes(2).buffer).toBe(bytes.buffer);
  });
});

describe('a list', () => {
  const list = (...bytes: number[]) => {
    const message = reader(...bytes);
    return message.list('things', 1, 3, () => message.u8(), Number);
  };

  it.each([
    [[1, 7], [7]],
    [
      [3, 7, 0, 9],
      [7, 0, 9],
    ],
  ])('of %j is %j', (bytes, items) => {
    expect(list(...bytes)).toEqual(items);
  });

  it.each([
    ['fewer than the least', [0]],
    ['more than the most', [4, 1, 2, 3, 4]],
    ['more than there are', [3, 1, 2]],
    ['the same twice, side by side', [2, 7, 7]],
    ['the same twice, apart', [3, 7, 8, 7]],
  ])('of %s is malformed', (_, bytes) => {
    expect(() => list(...bytes)).toThrow(malformed);
  });

  it('reads nothing of a list that has too many', () => {
    const message = reader(200, 1);
    const read = jest.fn();
    expect(() => message.list('things', 1, 3, read, Number)).toThrow('has 200 things: there are 1 to 3');
    expect(read).not.toHaveBeenCalled();
  });
});
