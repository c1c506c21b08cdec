/** The text format of Prometheus, version 0.0.4. */
import type { Family, Sample } from './family.js';

export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

export function formatFamilies(families: Iterable<Family>): string {
  return [...families].map(familyText).join('');
}

function familyText({ name, help, type, samples }: Family): string {
  const about = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
  return `${[...about, ...samples.map(sampleText)].join('\n')}\n`;
}

function sampleText({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
