/** What somebody on the way can do to the frames of one side: by the protocol's grammar, and without any regard to it. */
import fc from 'fast-check';
import { BATCHES } from '../support/script-batch.js';
import {
  type ClientHelloFields,
  clientHelloBody,
  KEY_CHOICE,
  keyChosen,
  serverHelloBody,
  serverHelloFields,
} from '../support/script-hello.js';
import { headerOf } from '../support/script-records.js';

/** One change, where the sender's frame with this index passes. */
export type Edit = { readonly frame: number } & (
  | { readonly kind: 'drop' | 'double' | 'swap' }
  /** In its place, that frame of an earlier connection; or, reflected, of the receiver itself in this one. */
  | { readonly kind: 'splice'; readonly other: number; readonly source: 'earlier' | 'reflected' }
  | { readonly kind: 'type'; readonly type: number }
  | { readonly kind: 'length'; readonly length: number }
  /** The body cut or filled up, and its header in agreement. */
  | { readonly kind: 'resize'; readonly by: number }
  | { readonly kind: 'flip'; readonly at: number }
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'insert' | 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'field'; readonly field: Field }
);

/** A field of a hello, and what it is then. */
type Field = Partial<{
  readonly versions: number[];
  readonly suites: number[];
  readonly sigalgs: number[];
  readonly suite: number;
  readonly version: number;
  readonly mode: number;
  readonly keyLength: number;
  readonly extensions: Uint8Array;
}>;

/** What an edit may take other frames from. */
export interface Sources {
  /** All frames of the same side in another connection of the same two. */
  readonly earlier: readonly Buffer[];
  /** What the receiver has sent in this connection. */
  readonly reflected: readonly Buffer[];
}

/** Changes the frames of one side as they pass. */
export class Tamperer {
  /** Whether the stream ends here. */
  ended = false;
  readonly #edits: readonly Edit[];
  readonly #sources: Sources;
  #held: Buffer[] = [];
  #index = 0;

  constructor(edits: readonly Edit[], sources: Sources) {
    this.#edits = edits;
    this.#sources = sources;
  }

  /** What comes through of a frame. */
  pass(frame: Buffer): Buffer[] {
    const mine = this.#edits.filter((edit) => edit.frame === this.#index);
    this.#index += 1;
    const before = this.#held.splice(0);
    const passed = mine.reduce((pieces, edit) => pieces.flatMap((piece) => this.#apply(edit, piece)), [frame]);
    if (mine.some(({ kind }) => kind === 'swap')) {
      this.#held = passed;
      return before;
    }
    return [...passed, ...before];
  }

  #apply(edit: Edit, piece: Buffer): Buffer[] {
    if (this.ended) return [];
    switch (edit.kind) {
      case 'drop':
        return [];
      case 'double':
        return [piece, piece];
      case 'splice':
        return [this.#sources[edit.source][edit.other] ?? piece];
      case 'truncate':
        this.ended = true;
        return [piece.subarray(0, edit.at % (piece.length + 1))];
      case 'swap':
        return [piece];
      default:
        return changed(edit, piece);
    }
  }
}

const u8 = fc.integer({ min: 0, max: 0xff });
const frame = fc.nat(5);
/** In the header and the first fields more often than in the keys and signatures behind them. */
const place = fc.oneof(fc.nat(64), fc.nat(5000));
const some = (maxLength: number) => fc.uint8Array({ maxLength });
const length = fc.oneof(
  fc.constantFrom(0, 1, 16, 17, 63, 65, 1567, 1569, 2591, 4594, 4596, 16_384, 16_385, 65_553, 65_554, 0xffffff),
  fc.nat(6000),
);
const type = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16), u8);
const list = (most: number, values: number) => fc.array(fc.nat(values), { maxLength: most + 1 });
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ versions: list(8, 9) }),
  fc.record({ suites: list(8, 9) }),
  fc.record({ sigalgs: list(4, 5) }),
  fc.record({ suite: fc.oneof(fc.nat(4), fc.constant(0xffff)) }),
  fc.record({ version: fc.nat(3) }),
  fc.record({ mode: fc.nat(3) }),
  fc.record({ keyLength: fc.constantFrom(0, 1, 512, 2591, 2593) }),
  fc.record({
    extensions: fc.oneof(
      some(12),
      fc.constantFrom(new Uint8Array(4), BATCHES, KEY_CHOICE, keyChosen(0), keyChosen(1), Buffer.alloc(1025)),
    ),
  }),
);

/** The kinds that need no other connection. */
export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'double' as const, 'swap' as const), frame }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant('type' as const), frame, type }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('length' as const), frame, length }), weight: 2 },
  {
    arbitrary: fc.record({ kind: fc.constant('resize' as const), frame, by: fc.integer({ min: -40, max: 40 }) }),
    weight: 2,
  },
  { arbitrary: fc.record({ kind: fc.constant('flip' as const), frame, at: fc.nat(8 * 5000) }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('truncate' as const), frame, at: place }), weight: 2 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('insert' as const, 'set' as const),
      frame,
      at: place,
      bytes: some(40),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('insert' as const), frame, at: fc.constant(0), bytes: alerts() }),
    weight: 1,
  },
  { arbitrary: fc.record({ kind: fc.constant('field' as const), frame: fc.constant(0), field }), weight: 3 },
);

export const anySplice: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constant('splice' as const),
  frame,
  other: frame,
  source: fc.constantFrom('earlier' as const, 'reflected' as const),
});

function alerts(): fc.Arbitrary<Uint8Array> {
  return fc.nat(15).map((code) => Uint8Array.of(0x0a, 0, 0, 1, code));
}

type LocalEdit = Exclude<Edit, { kind: 'drop' | 'double' | 'swap' | 'splice' | 'truncate' }>;

function changed(edit: LocalEdit, piece: Buffer): Buffer[] {
  if (piece.length === 0) return [];
  const copy = Buffer.from(piece);
  const [head, body] = [copy.subarray(0, 4), copy.subarray(4)];
  switch (edit.kind) {
    case 'type':
      copy[0] = edit.type;
      return [copy];
    case 'length':
      return [Buffer.concat([headerOf(copy.readUInt8(), edit.length), body])];
    case 'resize': {
      const resized = Buffer.concat([body, Buffer.alloc(40)], Math.max(0, body.length + edit.by));
      return [Buffer.concat([headerOf(copy.readUInt8(), resized.length), resized])];
    }
    case 'flip': {
      const bit = edit.at % (8 * copy.length);
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      return [copy];
    }
    case 'set':
      copy.set(Buffer.from(edit.bytes).subarray(0, Math.max(0, copy.length - edit.at)), Math.min(edit.at, copy.length));
      return [copy];
    case 'insert':
      return [copy.subarray(0, edit.at), Buffer.from(edit.bytes), copy.subarray(edit.at)];
    case 'field': {
      const whole = withField(head.readUInt8(), body, edit.field);
      return [Buffer.concat([headerOf(head.readUInt8(), whole.length), whole])];
    }
  }
}

/** A hello with another field, in its right form else; what is no hello stays as it is. */
function withField(frameType: number, body: Buffer, { sigalgs, keyLength, ...field }: Field): Buffer {
  try {
    if (frameType === 1) {
      const old = serverHelloFields(body);
      const pk = (old.keys[0]?.pk ?? Buffer.alloc(0)).subarray(0, keyLength);
      const keys = sigalgs?.map((sigalg) => ({ sigalg, pk })) ?? old.keys.map((key) => ({ ...key, pk }));
      return serverHelloBody({ ...old, keys, ...buffered(field) });
    }
    if (frameType !== 2) return body;
    const [version, suite, random, mode] = [
      body.readUInt8(),
      body.readUInt16BE(1),
      body.subarray(3, 35),
      body.readUInt8(35),
    ];
    const key = Buffer.concat([body.subarray(38, -2), Buffer.alloc(1)]).subarray(0, keyLength ?? body.length - 40);
    return clientHelloBody({ version, suite, random, mode, key, extensions: Buffer.alloc(0), ...buffered(field) });
  } catch {
    return body; // an edit before this one has left no hello
  }
}

function buffered({ extensions, ...field }: Field): Partial<ClientHelloFields> {
  return extensions === undefined ? field : { ...field, extensions: Buffer.from(extensions) };
}
