/** Metrics in the terms of Prometheus: a family of numbers that are told apart by their labels. */

/** The values come from tables or from who runs the process, never from a peer: there are only a few of them. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** The family's name; what belongs to a histogram or summary has `_bucket`, `_sum` or `_count` behind it. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  /** What is counted or measured, and its unit. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly samples: readonly Sample[];
}
