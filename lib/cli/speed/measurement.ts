/** What can be measured, and what was. */

export type Group = 'algorithms' | 'records' | 'handshakes' | 'connections';

export interface Subject {
  readonly group: Group;
  /** What is done. */
  readonly name: string;
  /** In which way, such as `inline`. */
  readonly how: string;
  /** What is counted. A megabyte is 10^6 bytes. */
  readonly unit: 'operation' | 'handshake' | 'megabyte';
}

export interface Measurement extends Subject {
  /** Does it so many times; milliseconds that this took. */
  run(count: number): number | Promise<number>;
}

export interface Figure extends Subject {
  /** Units a second, the median of the slices. */
  readonly perSecond: number;
  /** Half of the interquartile range, in percent of the median. */
  readonly spread: number;
  readonly slices: number;
}
