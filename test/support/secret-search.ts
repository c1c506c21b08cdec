/** Looks for secrets in what was shown, in whatever form: 8 bytes in a row of one are enough. */

/** The forms in which bytes are looked for. */
export type Form = 'raw' | 'text' | 'hex' | 'hex pairs' | 'base64' | 'decimal';

export class SecretSearch {
  /** All runs of 8 bytes of the secrets, as latin1 text. */
  readonly #windows = new Set<string>();
  /** Whether some run begins with bytes of this hash: most of what is looked at ends here. */
  readonly #begins = new Uint8Array(2 ** 24);

  constructor(secrets: readonly Uint8Array[]) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret);
      for (let at = 0; at + WINDOW <= bytes.length; at += 1) {
        const window = bytes.toString('latin1', at, at + WINDOW);
        if (new Set(window).size < LEAST_DIFFERENT) continue;
        this.#windows.add(window);
        this.#begins[hash(bytes.readInt32LE(at))] = 1;
      }
    }
  }

  /** How many runs it looks for. */
  get size(): number {
    return this.#windows.size;
  }

  /** The forms in which there is something of a secret. */
  find(shown: Buffer): Form[] {
    const forms = Object.keys(DECODERS) as Form[];
    return forms.filter((form) => {
      for (const bytes of DECODERS[form](shown)) if (this.#isIn(bytes)) return true;
      return false;
    });
  }

  #isIn(bytes: Buffer): boolean {
    const begins = this.#begins;
    let word = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      word = (word >>> 8) | ((bytes[end] as number) << 24);
      if (begins[hash(word)] === 0) continue;
      const at = end - 3;
      if (this.#windows.has(bytes.toString('latin1', at, at + WINDOW))) return true;
    }
    return false;
  }
}

/** Each finds what could be bytes in its form, and gives these bytes. */
const DECODERS: Record<Form, (shown: Buffer) => Iterable<Buffer>> = {
  raw: (shown) => [shown],
  // Bytes that were taken for characters, and written as UTF-8.
  text: (shown) => [Buffer.from(String(shown), 'latin1')],
  hex: (shown) => runs(shown, /[0-9a-fA-F]{16,}/g, (run) => [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex'))),
  'hex pairs': (shown) =>
    runs(shown, /(?:(?:0x)?[0-9a-fA-F]{2}[\s,:]+){7,}(?:0x)?[0-9a-fA-F]{2}/g, (run) => [
      Buffer.from(run.replace(/0x|[\s,:]/g, ''), 'hex'),
    ]),
  // Both alphabets. Where a run begins says nothing about where the bytes begin in it.
  base64: (shown) =>
    runs(shown, /[A-Za-z0-9+/_-]{11,}/g, (run) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64'))),
  // [12, 34], {"0":12,"1":34} and what else prints arrays.
  decimal: (shown) =>
    runs(Buffer.from(String(shown).replace(/(['"]?)\d+\1:\s*(?=\d)/g, '')), /(?:\d{1,3}[\s,]+){7,}\d{1,3}/g, (run) => [
      Buffer.from(run.split(/[\s,]+/).map(Number)),
    ]),
};

function* runs(shown: Buffer, pattern: RegExp, decode: (run: string) => Buffer[]): Iterable<Buffer> {
  for (const [run] of shown.toString('latin1').matchAll(pattern)) yield* decode(run);
}

/** Of four bytes. */
function hash(word: number): number {
  return imul(word, 0x9e3779b1) >>> 8;
}

/** Kept here: it is called for every byte, and Jest makes globals slow. */
const { imul } = Math;
const WINDOW = 8;
/** What has fewer different bytes, as zeros have, says nothing about a secret. */
const LEAST_DIFFERENT = 4;
