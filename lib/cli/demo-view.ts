/** What the demo shows, as text or as JSON. */
import type { DemoStep } from './demo-step.js';
import { Terminal } from './terminal.js';

export interface Summary {
  /** Whether the file came as it was sent. */
  readonly same: boolean;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly seconds: number;
  /** Milliseconds from the first step to the last. */
  readonly handshakeTime: number;
  /** The fingerprints. */
  readonly client: string;
  readonly server: string;
}

export interface TamperResult {
  readonly attack: string;
  /** Whether the client refused as it must. */
  readonly refused: boolean;
  readonly code: string | undefined;
  /** The last step that the client took. */
  readonly afterStep: number;
}

export interface DemoView {
  start(info: { port: number; processes: { server: number; client: number } }): void;
  /** @param elapsed milliseconds since the first step */
  step(step: DemoStep, actors: readonly string[], elapsed: number): void;
  progress(bytes: number, total: number): void;
  summary(summary: Summary): void;
  tamper(result: TamperResult): void;
}

/** One JSON object a line. */
export class JsonDemoView implements DemoView {
  start(info: object): void {
    this.#line({ event: 'start', ...info });
  }

  step(step: DemoStep, actors: readonly string[], elapsed: number): void {
    const { role: _, time: __, ...rest } = step;
    this.#line({ event: 'step', ...rest, by: actors, milliseconds: round(elapsed, 3) });
  }

  progress(): void {}

  summary(summary: Summary): void {
    const megabytesPerSecond = round(summary.bytes / 1e6 / summary.seconds, 1);
    this.#line({ event: 'summary', ...summary, megabytesPerSecond });
  }

  tamper(result: TamperResult): void {
    this.#line({ event: 'tamper', ...result });
  }

  #line(object: object): void {
    process.stdout.write(`${JSON.stringify(object)}\n`);
  }
}

/** Lines for people. */
export class TextDemoView implements DemoView {
  readonly #terminal = new Terminal();

  start({ port, processes }: { port: number; processes: { server: number; client: number } }): void {
    this.#terminal.line(
      `server: process ${processes.server}, port ${port} · client: process ${processes.client} · seed profile, compatibility only`,
    );
    this.#terminal.line();
  }

  step(step: DemoStep, actors: readonly string[], elapsed: number): void {
    const t = this.#terminal;
    const number = t.style('bold', String(step.step).padStart(2));
    const size = step.bytes === undefined ? '' : `${count(step.bytes)} B`;
    const columns = [
      number,
      t.style('cyan', direction(step, actors).padEnd(3)),
      step.name.padEnd(47),
      (step.message ?? '').padEnd(21),
      size.padStart(8),
      t.style('dim', `${elapsed.toFixed(2)} ms`.padStart(9)),
      t.style('green', step.fingerprint ?? ''),
    ];
    t.line(columns.join('  ').trimEnd());
  }

  progress(bytes: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
    const bar = '█'.repeat(Math.floor(percent / 4)).padEnd(25, '·');
    this.#terminal.progress(`    ${bar} ${percent} %  ${count(bytes)} of ${count(total)} bytes`);
  }

  summary({ same, file, bytes, sha256, seconds, handshakeTime, client, server }: Summary): void {
    const t = this.#terminal;
    t.line();
    t.line(`file        ${file}, ${count(bytes)} bytes in ${seconds.toFixed(2)} s: ${rate(bytes, seconds)}`);
    t.line(`sha-256     ${sha256}`);
    t.line(`            ${same ? t.style('green', 'the same as the server’s') : t.style('red', 'NOT the server’s')}`);
    t.line(`handshake   ${handshakeTime.toFixed(1)} ms from step 1 to step 18`);
    t.line(`client      ${client}`);
    t.line(`server      ${server}`);
    t.line('protection  Dilithium5 (both sides) · Kyber1024 · AES-256-GCM');
  }

  tamper({ attack, refused, code, afterStep }: TamperResult): void {
    const t = this.#terminal;
    const verdict = refused ? t.style('green', 'refused') : t.style('red', 'NOT REFUSED');
    t.line(`${attack}`);
    t.line(`  → ${verdict} by the client after step ${afterStep}: ${code ?? 'it took the file'}`);
  }
}

function direction({ message, role }: DemoStep, actors: readonly string[]): string {
  if (actors.length > 1) return 'C+S';
  const [from, to] = role === 'client' ? ['C', 'S'] : ['S', 'C'];
  return message === undefined ? from : `${from}→${to}`;
}

function rate(bytes: number, seconds: number): string {
  return `${(bytes / 1e6 / seconds).toPrecision(3)} MB/s`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function round(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}
