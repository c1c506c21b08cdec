/** Checks the value of one option: of the command line, where all is text, or of the configuration file. */
import { resolve } from 'node:path';
import type { OptionRow } from './option-table.js';

/** What is wrong with a value, as it goes on after the option's name: `must be …`. */
export class WrongValue extends Error {}

/**
 * A value of the file. Nothing is converted: a number is no text.
 *
 * @param folder what paths are relative to
 * @throws WrongValue
 */
export function optionValue(row: OptionRow, value: unknown, folder: string): unknown {
  switch (row.kind) {
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw new WrongValue('must be true or false');
    case 'count':
    case 'seconds':
      return numberOf(row, value);
    case 'text':
      return choiceOf(row.choices, textOf(value));
    case 'path':
      return resolve(folder, textOf(value));
    case 'texts':
    case 'paths': {
      const list = typeof value === 'string' ? [value] : value;
      if (!Array.isArray(list) || list.length === 0) throw new WrongValue('must be a text, or a list of some');
      const texts = list.map(textOf);
      return row.kind === 'texts' ? texts : texts.map((text) => resolve(folder, text));
    }
  }
}

/**
 * A value of the command line.
 *
 * @param before the value until now, for options that may be given more than once
 * @throws WrongValue
 */
export function optionValueOfText(row: OptionRow, text: string, before: unknown): unknown {
  const isNumber = row.kind === 'count' || row.kind === 'seconds';
  if (isNumber) return optionValue(row, /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : undefined, '.');
  const value = optionValue(row, text, '.');
  if (row.kind === 'texts' || row.kind === 'paths')
    return [...((before as string[] | undefined) ?? []), ...(value as string[])];
  if (before === undefined) return value;
  throw new WrongValue('was given more than once');
}

function numberOf(row: Extract<OptionRow, { kind: 'count' | 'seconds' }>, value: unknown): number {
  const { kind, least, most } = row;
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (fits && (kind === 'seconds' || Number.isInteger(value))) return value;
  throw new WrongValue(
    `must be ${kind === 'count' ? 'a whole number' : 'a number of seconds'} from ${least} to ${most}`,
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new WrongValue('must be a text');
}

function choiceOf(choices: readonly string[] | undefined, text: string): string {
  if (choices === undefined || choices.includes(text)) return text;
  throw new WrongValue(`must be one of ${choices.join(', ')}`);
}
