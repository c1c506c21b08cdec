/** Reads Prometheus' text format, and takes nothing that the format does not allow. */

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  /** By name and labels, as they stand in the text. */
  readonly samples: Map<string, number>;
}

/** @throws Error with the line that is wrong */
export function readMetrics(text: string): Map<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  let current = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const [, name, help] = /^# HELP ([a-z_]+) ((?:[^\\]|\\[\\n])+)$/.exec(line) ?? [];
    if (name !== undefined && help !== undefined) {
      at += 1;
      const type = new RegExp(`^# TYPE ${name} (counter|gauge|histogram|summary)$`).exec(lines[at] as string)?.[1];
      if (type === undefined || families.has(name)) throw new Error(`after ${line}: ${lines[at]}`);
      families.set(name, { type, help, samples: new Map() });
      current = name;
      continue;
    }
    const [, sample, labels = '', number] = SAMPLE.exec(line) ?? [];
    const family = families.get(current);
    if (family === undefined || sample === undefined) throw new Error(`no sample: ${line}`);
    const [, suffix] = new RegExp(`^${current}(_bucket|_sum|_count)?$`).exec(sample) ?? [undefined, 'other'];
    const suffixes = SUFFIXES[family.type] as readonly (string | undefined)[];
    const key = `${sample}${labels}`;
    if (!suffixes.includes(suffix) || family.samples.has(key)) throw new Error(`out of place: ${line}`);
    family.samples.set(key, numberOf(number as string));
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

const SAMPLE = /^([a-z_]+)(\{[a-z_]+="(?:[^"\\]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\]|\\["\\n])*")*\})? (\S+)$/;
const SUFFIXES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  counter: [undefined],
  gauge: [undefined],
  histogram: ['_bucket', '_sum', '_count'],
  summary: [undefined, '_sum', '_count'],
};

function numberOf(text: string): number {
  if (/^[+-]Inf$/.test(text)) return Number(text.replace('Inf', 'Infinity'));
  if (text === 'NaN' || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) return Number(text);
  throw new Error(`no number: ${text}`);
}

/** Buckets rise to the one without bound, which is the count; each series has its sum. */
function checkHistogram(name: string, { samples }: ReadFamily): void {
  let before = { series: '', bound: Number.NEGATIVE_INFINITY, value: 0 };
  for (const [key, value] of samples) {
    const [, labels = '', le] = /_bucket\{(?:(.*),)?le="([^"]+)"\}$/.exec(key) ?? [];
    if (le === undefined) continue;
    const bound = numberOf(le);
    const falls = before.series === labels && (value < before.value || bound <= before.bound);
    if (falls) throw new Error(`the buckets fall at ${key}`);
    before = { series: labels, bound, value };
    const series = labels === '' ? '' : `{${labels}}`;
    if (le === '+Inf' && (samples.get(`${name}_count${series}`) !== value || !samples.has(`${name}_sum${series}`)))
      throw new Error(`${key} is not the count, or has no sum`);
  }
  if (before.series !== '' && before.bound !== Number.POSITIVE_INFINITY) throw new Error(`${name} has a last bound`);
}
