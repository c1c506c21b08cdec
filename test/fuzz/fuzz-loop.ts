/**
 * A coverage-guided fuzzer: an input that makes lib/ do something new is kept, and changed further. It stops at the
 * first finding, which is then shrunk.
 */
import { createHash } from 'node:crypto';
import type { Coverage } from './coverage.js';
import { Dice, mutate } from './mutate.js';
import type { Target } from './target.js';

/** An input, and what goes wrong with it. */
export interface Finding {
  readonly input: Uint8Array;
  readonly error: Error;
}

export interface LoopOptions {
  readonly seed: number;
  /** Whether it is time to stop, after so many runs. */
  done(runs: number): boolean;
  /** Called before each run, with its input. */
  before?(input: Uint8Array): void;
}

/** What a run of the fuzzer came to. */
export interface LoopResult {
  readonly runs: number;
  readonly corpus: Uint8Array[];
  readonly finding: Finding | undefined;
}

/** Longer inputs find nothing that shorter ones don't, and take longer. */
const LONGEST = 4096;
const SHRINK_RUNS = 2000;

export async function fuzz(
  target: Target,
  corpus: readonly Uint8Array[],
  coverage: Coverage,
  { seed, done, before }: LoopOptions,
): Promise<LoopResult> {
  const dice = new Dice(seed);
  const kept: Uint8Array[] = [];
  let runs = 0;
  coverage.take(); // what was run before is not the first input's
  const attempt = async (input: Uint8Array): Promise<Error | undefined> => {
    runs += 1;
    before?.(input);
    return errorOf(target, input);
  };
  for (const input of corpus) {
    const error = await attempt(input);
    if (error !== undefined) return { runs, corpus: kept, finding: await shrunk(target, { input, error }) };
    if (coverage.takeNew()) kept.push(input);
  }
  if (kept.length === 0) kept.push(new Uint8Array(0));
  while (!done(runs)) {
    // The newest half of the time: what is new about them has been tried least.
    const parent = dice.roll(2) === 0 ? dice.pick(kept.slice(-16)) : dice.pick(kept);
    const input = mutate(parent, dice, kept, target.words ?? [], LONGEST);
    const error = await attempt(input);
    if (error !== undefined) return { runs, corpus: kept, finding: await shrunk(target, { input, error }) };
    if (coverage.takeNew()) kept.push(input);
    if (runs % 256 === 0) await new Promise(setImmediate); // what comes later, as an unhandled rejection, is seen, too
  }
  return { runs, corpus: kept, finding: undefined };
}

/** The smallest inputs that together do all that these do. */
export async function minimised(
  target: Target,
  corpus: readonly Uint8Array[],
  coverage: Coverage,
): Promise<Uint8Array[]> {
  const covered = new Set<number>();
  const kept: Uint8Array[] = [];
  const bySize = [...corpus].sort((a, b) => a.length - b.length || Buffer.compare(a, b));
  for (const input of bySize) {
    coverage.take();
    if ((await errorOf(target, input)) !== undefined) continue;
    // Whether a block is run, not how often: that is worth keeping only while we search.
    const blocks = coverage.take();
    if (blocks.every((block) => covered.has(block))) continue;
    for (const block of blocks) covered.add(block);
    kept.push(input);
  }
  return kept;
}

/** The name of an input's file. */
export function nameOf(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}

/** What a target says of an input. */
export async function errorOf(target: Target, input: Uint8Array): Promise<Error | undefined> {
  try {
    await target.run(input);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(`what was thrown is no Error: ${String(error)}`);
  }
}

/** A shorter input with the same error: without one half, one quarter …, again and again. */
async function shrunk(target: Target, { input, error }: Finding): Promise<Finding> {
  let best = { input, error };
  let runs = 0;
  for (let size = input.length; size > 0; ) {
    let shorter = false;
    for (let at = 0; at < best.input.length && runs < SHRINK_RUNS; runs += 1) {
      const rest = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)]);
      const same = await errorOf(target, rest);
      if (same !== undefined && kindOf(same) === kindOf(error)) {
        best = { input: rest, error: same };
        shorter = true;
      } else at += size;
    }
    if (!shorter) size >>= 1;
  }
  return best;
}

/** What it is and where it was thrown; without the numbers in its text, which come from the input. */
function kindOf({ name, message, stack = '' }: Error): string {
  const [text = ''] = message.split('\n');
  return `${name} ${text.replaceAll(/\d+/g, '')} ${/\n\s+at (.*)/.exec(stack)?.[1]}`;
}
