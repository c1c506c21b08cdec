/** What the demo shows, as text or as JSON. */
import type { Profile } from '../index.js';
import { DEMO_PROFILES } from './demo-profile.js';
import type { DemoStep } from './demo-step.js';
import { Terminal } from './terminal.js';

export interface Start {
  readonly profile: Profile;
  readonly port: number;
  readonly processes: { readonly server: number; readonly client: number };
}

export interface Summary {
  /** Whether the file came as it was sent. */
  readonly same: boolean;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly seconds: number;
  /** Milliseconds from the first step to the last. */
  readonly handshakeTime: number;
  readonly profile: Profile;
  /** The suite that both sides agreed on; undefined in the seed profile. */
  readonly suite: string | undefined;
  /** The algorithms. */
  readonly protection: string;
  /** The fingerprints. */
  readonly client: string;
  readonly server: string;
}

export interface TamperResult {
  readonly attack: string;
  /** Whether the client refused as it must. */
  readonly refused: boolean;
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** The last step that the client had announced. */
  readonly afterStep: number;
}

export interface DemoView {
  start(start: Start): void;
  /** @param elapsed milliseconds since the first step */
  step(step: DemoStep, actors: readonly string[], elapsed: number): void;
  progress(bytes: number, total: number): void;
  summary(summary: Summary): void;
  tamper(result: TamperResult): void;
}

/** One JSON object a line. */
export class JsonDemoView implements DemoView {
  start(start: Start): void {
    this.#line({ event: 'start', ...start });
  }

  step(step: DemoStep, actors: readonly string[], elapsed: number): void {
    const { role: _, time: __, ...rest } = step;
    this.#line({ event: 'step', ...rest, by: actors, milliseconds: round(elapsed, 3) });
  }

  progress(): void {}

  summary({ seconds, handshakeTime, ...rest }: Summary): void {
    const megabytesPerSecond = round(rest.bytes / 1e6 / seconds, 1);
    const times = { seconds: round(seconds, 6), handshakeTime: round(handshakeTime, 3), megabytesPerSecond };
    this.#line({ event: 'summary', ...rest, ...times });
  }

  tamper(result: TamperResult): void {
    this.#line({ event: 'tamper', ...result });
  }

  #line(object: object): void {
    process.stdout.write(`${JSON.stringify(object)}\n`);
  }
}

/** The longest name of a step, and how much of a fingerprint goes into a line of 120 characters. */
const NAME_WIDTH = 52;
const SHORT_FINGERPRINT = 32;

/** Lines for people. */
export class TextDemoView implements DemoView {
  readonly #terminal = new Terminal();

  start({ profile, port, processes }: Start): void {
    const { server, client } = processes;
    this.#terminal.line(
      `${DEMO_PROFILES[profile].remark} · server: process ${server}, port ${port} · client: process ${client}`,
    );
    this.#terminal.line();
  }

  step(step: DemoStep, actors: readonly string[], elapsed: number): void {
    const t = this.#terminal;
    const { message, bytes, fingerprint, suite } = step;
    const columns = [
      t.style('bold', String(step.step).padStart(2)),
      t.style('cyan', direction(step, actors).padEnd(3)),
      step.name.padEnd(NAME_WIDTH),
      (bytes === undefined ? '' : `${count(bytes)} B`).padStart(7),
      t.style('dim', `${elapsed.toFixed(2)} ms`.padStart(9)),
      message ?? t.style('green', suite ?? (fingerprint === undefined ? '' : shortened(fingerprint))),
    ];
    t.line(columns.join('  ').trimEnd());
  }

  progress(bytes: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
    const bar = '█'.repeat(Math.floor(percent / 4)).padEnd(25, '·');
    this.#terminal.progress(`    ${bar} ${percent} %  ${count(bytes)} of ${count(total)} bytes`);
  }

  summary({ same, file, bytes, sha256, seconds, handshakeTime, ...who }: Summary): void {
    const t = this.#terminal;
    t.line();
    t.line(`file        ${file}, ${count(bytes)} bytes in ${seconds.toFixed(2)} s: ${rate(bytes, seconds)}`);
    t.line(`sha-256     ${sha256}`);
    t.line(`            ${same ? t.style('green', 'the same as the server’s') : t.style('red', 'NOT the server’s')}`);
    t.line(`handshake   ${handshakeTime.toFixed(1)} ms from step 1 to step 18`);
    t.line(`client      ${who.client}`);
    t.line(`server      ${who.server}`);
    t.line(`suite       ${who.suite ?? 'that of the seed profile'}`);
    t.line(`protection  ${who.protection}`);
  }

  tamper({ attack, refused, code, message, afterStep }: TamperResult): void {
    const t = this.#terminal;
    const verdict = refused ? t.style('green', 'refused') : t.style('red', 'NOT REFUSED AS IT MUST BE');
    t.line(attack);
    t.line(`  → ${verdict} by the client, whose last step was ${afterStep}: ${code ?? 'it took the file'}`);
    if (message !== undefined) t.line(t.style('dim', `    ${message}`));
  }
}

function direction({ message, role }: DemoStep, actors: readonly string[]): string {
  if (actors.length > 1) return 'C+S';
  const [from, to] = role === 'client' ? ['C', 'S'] : ['S', 'C'];
  return message === undefined ? from : `${from}→${to}`;
}

/** The whole of it is in the summary. */
function shortened(fingerprint: string): string {
  return `${fingerprint.slice(0, SHORT_FINGERPRINT)}…`;
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
