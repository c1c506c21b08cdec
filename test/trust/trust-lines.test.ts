import { formatComment, trustLines } from '../../lib/trust/trust-lines.js';

const lines = (text: string | Uint8Array) => trustLines(Buffer.from(text as string), 'trusted');
const error = (text: RegExp | string) =>
  expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE', message: expect.stringMatching(text) });

describe('the lines of a file of trusted keys', () => {
  it('are words and a comment; empty lines and those with a comment only are none', () => {
    const text = '# ours\n\na b\n  \t \n \tc\td  e # who, since # when \n #\nf#g h #\n';
    expect(lines(text)).toEqual([
      { number: 3, words: ['a', 'b'], comment: '' },
      { number: 5, words: ['c', 'd', 'e'], comment: 'who, since # when' },
      { number: 7, words: ['f#g', 'h'], comment: '' },
    ]);
  });

  it('may be none', () => {
    expect(lines('')).toEqual([]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['ends in the middle of a line', 'a b\nc d', /^trusted, line 2: the last line has no end/],
    ['has Windows line ends', 'a b\r\nc d\r\n', /^trusted, line 1: it ends as lines do on Windows/],
    ['has a carriage return', 'a\rb c\n', /^trusted, line 1: it has a control character/],
    ['has a NUL', 'a b\nc\0 d\n', /^trusted, line 2: it has a control character/],
    ['has a NUL in a comment', '# \0\n', /^trusted, line 1: it has a control character/],
    ['has a line separator in a comment', 'a b # \u2028c d\n', /^trusted, line 1: it has a control character/],
    ['has an escape in a comment', 'a b # \x1b[2K\n', /^trusted, line 1: it has a control character/],
    ['is not UTF-8', Buffer.from([97, 10, 0xc3, 0x28, 10]), /^trusted, line 2: it is not UTF-8/],
    [
      'has a line that is too long',
      `a b\n#${'x'.repeat(1024)}\n`,
      /^trusted, line 2: it has 1025 bytes: 1024 are the most/,
    ],
    ['has too many lines', '\n'.repeat(10_001), /^trusted, line 10001: more than 10000 lines/],
    ['is too long', '\n'.repeat(2 ** 20 + 1), /^trusted: it has 1048577 bytes: 1048576 are the most/],
  ])('are refused, all of them, when the file %s', (_, text, expected) => {
    expect(() => lines(text)).toThrow(error(expected));
  });

  it('are taken up to the limits', () => {
    expect(lines(`${'x'.repeat(1024)}\n${'\n'.repeat(9_999)}`)).toHaveLength(1);
  });

  it('keep a byte order mark, with which no word is what it seems', () => {
    expect(lines('\ufeffa b\n')).toEqual([{ number: 1, words: ['\ufeffa', 'b'], comment: '' }]);
  });

  it('have comments that are read again, or can not be written', () => {
    expect([formatComment(''), formatComment(' '), formatComment(' who # 1 ')]).toEqual(['', '', ' # who # 1']);
    for (const wrong of ['a\nb', 'a\rb', 'a\0', '\u2029', 1]) {
      expect(() => formatComment(wrong as string)).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }),
      );
    }
  });
});
