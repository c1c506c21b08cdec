/** The options of a table on the command line. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Choices, OptionTable } from './option-table.js';
import { optionValueOfText, WrongValue } from './option-value.js';

export function addTableOptions(command: Command, table: OptionTable): void {
  for (const option of optionsOf(table)) command.addOption(option);
}

/** Those that were given, by their names in the table. */
export function chosenOptions<Table extends OptionTable>(
  table: Table,
  options: Readonly<Record<string, unknown>>,
): Choices<Table> {
  const known = optionsOf(table).map((option) => [option.name(), options[option.attributeName()]]);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function optionsOf(table: OptionTable): Option[] {
  return Object.entries(table).map(([name, row]) => {
    const option = new Option(row.value === undefined ? `--${name}` : `--${name} <${row.value}>`, row.help);
    if (row.kind === 'flag') return option;
    return option.argParser((text: string, before: unknown) => {
      try {
        return optionValueOfText(row, text, before);
      } catch (error) {
        throw error instanceof WrongValue ? new InvalidArgumentError(error.message) : error;
      }
    });
  });
}
