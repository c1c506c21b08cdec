/** Fuzzes one target in a process of its own, which test/fuzz/run.mjs starts and watches. */
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Coverage } from './coverage.js';
import { errorOf, type Finding, fuzz, minimised, nameOf } from './fuzz-loop.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

/** What the process is to do. */
export interface Task {
  readonly target: string;
  /** test/fuzz of the checkout. */
  readonly home: string;
  readonly seed: number;
  readonly runs: number;
  readonly milliseconds: number;
  /** Whether the corpus is written back, minimised. */
  readonly keep: boolean;
  /** An input to be run alone. */
  readonly file: string | undefined;
  /** Where each input is noted before it is run, in case that ends the process. */
  readonly last: string;
}

/** What it says, about twice a second and at its end. */
export interface Report {
  readonly runs: number;
  readonly before: number;
  readonly after: number;
  readonly blocks: number;
  /** How many MiB are in use that were not before. */
  readonly growth: number;
  readonly finished: boolean;
  /** The input in base64; what all of them have left behind is no single one's. */
  readonly finding?: { readonly input?: string; readonly error: string };
}

/** What may be left behind by all runs, in MiB: the fuzzer's own notes take one or two. */
const GROWTH_MAX = 16;
const REPORT_EVERY = 500;
const MIB = 2 ** 20;

// Whoever has started it is gone; or all is said.
process.on('disconnect', () => process.exit());

process.once('message', (task: Task) => {
  const target = TARGETS.find(({ name }) => name === task.target) as Target;
  void (task.file === undefined ? search(task, target) : reproduce(target, task.file));
});

async function search(task: Task, target: Target): Promise<void> {
  const coverage = new Coverage();
  const corpus = corpusOf(task, target);
  const last = openSync(task.last, 'w');
  const state = { runs: 0, reported: 0, current: new Uint8Array(0) as Uint8Array };
  const started = Date.now();
  const report = (more: Partial<Report>) =>
    process.send?.({
      runs: state.runs,
      before: corpus.length,
      after: 0,
      blocks: coverage.blocks,
      growth: 0,
      finished: false,
      ...more,
    });
  const late = (error: unknown) => {
    finish(foundBy({ input: state.current, error: error as Error }), [], report);
  };
  process.on('unhandledRejection', late).on('uncaughtException', late);
  const note = (input: Uint8Array) => {
    state.current = input;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(input.length);
    writeSync(last, Buffer.concat([length, input]), 0, 4 + input.length, 0);
  };
  for (const input of corpus) {
    note(input);
    await errorOf(target, input); // what is made once is no growth
  }
  const before = await used();
  const result = await fuzz(target, corpus, coverage, {
    seed: task.seed,
    before: note,
    done: (runs) => {
      state.runs = runs;
      const now = Date.now();
      if (now - state.reported > REPORT_EVERY) {
        state.reported = now;
        report({});
      }
      return runs >= task.runs || now - started >= task.milliseconds;
    },
  });
  state.runs = result.runs;
  const growth = Math.round(((await used()) - before) / MIB);
  const grown = { error: `${growth} MiB more are in use than at the start: ${GROWTH_MAX} may be` };
  const finding = result.finding ? foundBy(result.finding) : growth > GROWTH_MAX ? grown : undefined;
  const small = task.keep || finding === undefined ? await minimised(target, result.corpus, coverage) : [];
  if (task.keep && finding === undefined) keep(join(task.home, 'corpus', target.name), small);
  finish(finding, small, (more) => report({ growth, ...more }));
}

function foundBy({ input, error }: Finding): Report['finding'] {
  return { input: Buffer.from(input).toString('base64'), error: textOf(error) };
}

function finish(
  finding: Report['finding'],
  corpus: readonly Uint8Array[],
  report: (more: Partial<Report>) => void,
): void {
  if (!process.connected) return; // something was found twice
  report({ after: corpus.length, finished: true, ...(finding && { finding }) });
  process.disconnect();
}

/** Runs one input, and says what it finds. */
async function reproduce(target: Target, file: string): Promise<void> {
  const error = await errorOf(target, readFileSync(file));
  process.stdout.write(error === undefined ? `${target.name}: ${file} finds nothing\n` : `${textOf(error)}\n`);
  process.exitCode = error === undefined ? 0 : 1;
  process.disconnect();
}

function corpusOf({ home }: Task, target: Target): Uint8Array[] {
  const folder = join(home, 'corpus', target.name);
  const files = existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file))) : [];
  return [...target.seeds(), ...files];
}

function keep(folder: string, inputs: readonly Uint8Array[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) writeFileSync(join(folder, nameOf(input)), input);
}

/** Bytes in use; what is wiped or freed only after a collection has had the time for that. */
async function used(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function textOf({ name, message, stack }: Error): string {
  return stack?.includes(message) ? stack : `${name}: ${message}\n${stack}`;
}
