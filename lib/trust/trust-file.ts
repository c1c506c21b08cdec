/**
 * A file of trusted keys: what it says at each moment, and how it is changed. A look at a file that hasn't changed is one
 * call of the system; there is no watching, which would come too late or not at all, depending on the file system.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pqError, quoted } from '../errors.js';
import { withFileLock } from './file-lock.js';
import { type FileContent, NO_FILE, readTrustFile, stampOf } from './read-trust-file.js';
import { replaceFile } from './replace-file.js';
import { trustFileError } from './trust-lines.js';

export interface TrustFileForm<T> {
  /** @throws PQ_ERR_TRUST_FILE */
  parse(bytes: Uint8Array, file: string): T;
  /** What it is if there is no such file. */
  readonly missing: 'empty' | 'an error';
}

export class TrustFile<T> {
  /** Absolute. */
  readonly path: string;
  readonly #form: TrustFileForm<T>;
  readonly #onBroken: (error: Error) => void;
  readonly #now: () => number;
  #last: (FileContent & { readonly outcome: Outcome<T> }) | undefined;
  #good: T;
  #broken = false;

  /**
   * Reads it.
   *
   * @param onBroken told once when the file can't be used any more, until it can be used again
   * @param now milliseconds since 1970
   * @throws PQ_ERR_INVALID_OPTION for a path that is none, PQ_ERR_TRUST_FILE and errors of the system
   */
  constructor(path: string, form: TrustFileForm<T>, onBroken: (error: Error) => void = () => {}, now = Date.now) {
    if (typeof path !== 'string' || path === '') {
      throw pqError('PQ_ERR_INVALID_OPTION', `${quoted(path)} is no path of a file of trusted keys`);
    }
    if (typeof onBroken !== 'function') throw pqError('PQ_ERR_INVALID_OPTION', 'onBroken must be a function');
    this.path = resolve(path);
    this.#form = form;
    this.#onBroken = onBroken;
    this.#now = now;
    this.#good = this.#current();
  }

  /**
   * What the file says now.
   *
   * @throws PQ_ERR_TRUST_FILE and errors of the system: nobody can be trusted by it then
   */
  read(): T {
    try {
      this.#good = this.#current();
      this.#broken = false;
      return this.#good;
    } catch (error) {
      if (!this.#broken) process.nextTick(this.#onBroken, error);
      this.#broken = true;
      throw error;
    }
  }

  /** The same; if it can't be used, what it said when it could be. */
  readOrLast(): T {
    try {
      return this.read();
    } catch {
      return this.#good;
    }
  }

  /**
   * Changes it, after all others who do so this way, and so that nobody sees half of it.
   *
   * @param change the text and what it says to the new text; it may be called again
   * @returns what it says then
   * @throws PQ_ERR_TRUST_FILE, also if the new text could not be read, and errors of the system: nothing is changed then
   */
  async update(change: (text: string, value: T) => string): Promise<T> {
    const target = realPath(this.path);
    return withFileLock(target, (stillLocked) => {
      const { bytes, stat } = this.#load();
      const value = this.#form.parse(bytes, this.path);
      const changed = Buffer.from(change(bytes.toString(), value));
      if (changed.equals(bytes)) return value;
      const after = this.#form.parse(changed, this.path);
      return replaceFile(target, changed, stat, stillLocked) ? after : undefined;
    });
  }

  #current(): T {
    const last = this.#last;
    if (last?.settled && last.stamp === stampOf(this.path)) return last.outcome();
    const content = this.#load();
    const outcome = last?.bytes.equals(content.bytes)
      ? last.outcome
      : outcomeOf(() => this.#form.parse(content.bytes, this.path));
    this.#last = { ...content, outcome };
    return outcome();
  }

  #load(): FileContent {
    const content = readTrustFile(this.path, this.#now());
    if (content !== undefined) return content;
    if (this.#form.missing === 'empty') return NO_FILE;
    throw trustFileError(
      this.path,
      undefined,
      'there is no such file: make one, if only an empty one, which accepts nobody',
    );
  }
}

type Outcome<T> = () => T;

/** A file that can't be parsed isn't parsed again and again. */
function outcomeOf<T>(parse: () => T): Outcome<T> {
  try {
    const value = parse();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Where a symbolic link leads to: that is replaced, not the link. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}
