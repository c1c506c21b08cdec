/** What `pqsock speed` shows, as text or as JSON. */
import { cpus } from 'node:os';
import { addonInfo } from '../../index.js';
import { Terminal } from '../terminal.js';
import { version } from '../version.js';
import type { Figure, Group, Subject } from './measurement.js';

export interface SpeedView {
  start(seconds: number): void;
  /** What is measured now, the `number`th of so many. */
  progress(subject: Subject, number: number, of: number): void;
  figure(figure: Figure): void;
  end(): void;
}

/** One JSON object a line. */
export class JsonSpeedView implements SpeedView {
  start(seconds: number): void {
    line({ event: 'start', seconds, ...environment() });
  }

  progress(): void {}

  figure({ perSecond, spread, ...figure }: Figure): void {
    const rounded = { perSecond: Number(perSecond.toPrecision(6)), spreadPercent: Number(spread.toFixed(2)) };
    line({ event: 'figure', ...figure, ...rounded });
  }

  end(): void {
    line({ event: 'end' });
  }
}

/** A line for each thing, with what it is in each way. */
export class TextSpeedView implements SpeedView {
  readonly #terminal = new Terminal();
  #group: Group | undefined;
  #name = '';
  #cells: string[] = [];

  start(seconds: number): void {
    const { pqsock, liboqs, node, cpu, processors, records } = environment();
    this.#terminal.line(`pqsock ${pqsock}, liboqs ${liboqs}, Node ${node}, ${records} records`);
    this.#terminal.line(`${cpu}, ${processors} at a time`);
    this.#terminal.line(`A quick look of about ${seconds} s: other work on this machine shows. To compare, there is`);
    this.#terminal.line('`npm run bench` in the repository.');
  }

  progress({ name, how }: Subject, number: number, of: number): void {
    this.#terminal.progress(`${number} of ${of}: ${name}, ${how}`);
  }

  figure(figure: Figure): void {
    if (figure.name !== this.#name) this.#flush();
    if (figure.group !== this.#group) {
      this.#terminal.line();
      this.#terminal.line(this.#terminal.style('bold', TITLES[figure.group]));
    }
    this.#group = figure.group;
    this.#name = figure.name;
    this.#cells.push(cellOf(figure));
  }

  end(): void {
    this.#flush();
    this.#terminal.clearProgress();
  }

  #flush(): void {
    if (this.#cells.length > 0) this.#terminal.line([this.#name.padEnd(NAME), ...this.#cells].join('').trimEnd());
    this.#cells = [];
  }
}

/** Of what is done one by one, the time that one takes says more. */
function cellOf({ how, unit, perSecond, spread }: Figure): string {
  const one = how === 'inline' ? `${count(1e6 / perSecond)} µs` : `${count(1e3 / perSecond)} ms`;
  const rate = unit === 'megabyte' ? `${count(perSecond)} MB/s` : `${count(perSecond)}/s`;
  const value = how === 'inline' || how === 'one at a time' ? one : rate;
  return `${value.padStart(VALUE)} ±${spread.toFixed(spread < 10 ? 1 : 0).padStart(4)} %  ${how.padEnd(HOW)}`;
}

/** Three digits at the least. */
function count(number: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(number)));
  return number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function environment() {
  const { liboqs, records } = addonInfo();
  const [first, ...others] = cpus();
  const cpu = first?.model.trim() ?? 'unknown';
  const node = process.versions.node;
  return { pqsock: version, liboqs: liboqs.version, node, cpu, processors: 1 + others.length, records };
}

function line(object: object): void {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

const TITLES: Readonly<Record<Group, string>> = {
  algorithms: 'the algorithms, inline and off the event loop',
  records: 'data',
  handshakes: 'handshakes over 127.0.0.1, client and server in two processes, of a client that comes back',
  connections: 'connections between the same two',
};
const NAME = 30;
const VALUE = 14;
const HOW = 16;
