/**
 * What known_hosts and authorized_keys have in common: UTF-8, one entry a line, words between blanks and tabs, `#` at
 * the start of a word for a comment. Whatever isn't so makes the whole file invalid: an entry that is skipped could be
 * the one that said no.
 */
import { type PqError, pqError } from '../errors.js';
import { parseFingerprint } from '../keys/fingerprint.js';
import { TRUST_FILE_MAX, TRUST_LINE_MAX, TRUST_LINES_MAX } from '../limits.js';

/** A line that has an entry. */
export interface TrustLine {
  /** Counted from 1. */
  readonly number: number;
  /** At least one. */
  readonly words: readonly string[];
  /** Empty if there is none. */
  readonly comment: string;
}

/**
 * The lines that have entries; empty ones and those that are only a comment are left out.
 *
 * @param file the name, for errors
 * @throws PQ_ERR_TRUST_FILE
 */
export function trustLines(bytes: Uint8Array, file: string): TrustLine[] {
  checkFileSize(bytes.length, file);
  const lines: TrustLine[] = [];
  for (let start = 0, number = 1; start < bytes.length; number += 1) {
    if (number > TRUST_LINES_MAX) throw trustFileError(file, number, `more than ${TRUST_LINES_MAX} lines are too many`);
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) throw trustFileError(file, number, 'the last line has no end: complete it, or remove it');
    const { words, comment } = parseLine(bytes.subarray(start, end), (what) => trustFileError(file, number, what));
    if (words.length > 0) lines.push({ number, words, comment });
    start = end + 1;
  }
  return lines;
}

/** @throws PQ_ERR_TRUST_FILE if a file of so many bytes is too long; to be asked before it is read */
export function checkFileSize(length: number, file: string): void {
  if (length <= TRUST_FILE_MAX) return;
  throw trustFileError(file, undefined, `it has ${length} bytes: ${TRUST_FILE_MAX} are the most`);
}

/** The error of a file that can't be used; `line` is counted from 1. */
export function trustFileError(file: string, line: number | undefined, what: string): PqError {
  const where = line === undefined ? file : `${file}, line ${line}`;
  return pqError('PQ_ERR_TRUST_FILE', `${where}: ${what}`);
}

/** @throws PQ_ERR_TRUST_FILE if the word is no fingerprint */
export function fingerprintIn(file: string, line: number, word: string | undefined): string {
  try {
    return parseFingerprint(word as string);
  } catch (error) {
    throw trustFileError(file, line, word === undefined ? 'the fingerprint is missing' : (error as Error).message);
  }
}

/**
 * A comment as it is written at the end of a line, with its `#`.
 *
 * @throws PQ_ERR_INVALID_ARGUMENT if it could not be read as one again
 */
export function formatComment(comment: string): string {
  if (typeof comment !== 'string' || UNPRINTABLE.test(comment)) {
    throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a comment must be a text without line ends and control characters');
  }
  const text = comment.trim();
  return text === '' ? '' : ` # ${text}`;
}

type Fail = (what: string) => Error;

function parseLine(bytes: Uint8Array, fail: Fail): Pick<TrustLine, 'words' | 'comment'> {
  if (bytes.length > TRUST_LINE_MAX) throw fail(`it has ${bytes.length} bytes: ${TRUST_LINE_MAX} are the most`);
  const text = decode(bytes, fail);
  if (text.endsWith('\r')) throw fail('it ends as lines do on Windows: save the file with Unix line ends');
  if (UNPRINTABLE.test(text)) throw fail('it has a control character: type the line anew');
  const at = text.search(COMMENT);
  const entry = at < 0 ? text : text.slice(0, at);
  return {
    words: entry.split(/[ \t]+/).filter((word) => word !== ''),
    comment: at < 0 ? '' : text.slice(at + 1).trim(),
  };
}

function decode(bytes: Uint8Array, fail: Fail): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw fail('it is not UTF-8: save the file as UTF-8');
  }
}

const LINE_FEED = 10;

/** A byte order mark stays, and makes a word of the first one that is none: others may read the line without it. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A `#` that starts a word. */
const COMMENT = /(?<![^ \t])#/;

/** Control characters but the tab, and what Unicode calls line and paragraph separators. */
const UNPRINTABLE = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u;
