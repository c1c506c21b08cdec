/** The configuration file: TOML, with the names of the command line, and a `[[tunnel]]` for each tunnel. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { OptionTable } from '../option-table.js';
import { optionValue, WrongValue } from '../option-value.js';
import { CliError, EXIT_CODES } from '../report.js';
import {
  type Configuration,
  PROCESS_OPTIONS,
  type ProcessChoices,
  TUNNEL_OPTIONS,
  type TunnelChoices,
} from './tunnel-options.js';

/**
 * Paths in it are relative to its folder. Each tunnel has a name of its own.
 *
 * @throws CliError with the file and the line of what is wrong
 */
export async function readConfigFile(file: string): Promise<Configuration> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `${file} can't be read: ${error.code}`,
      'name a file that exists and that you may read',
      EXIT_CODES.file,
    );
  });
  return parseConfig(file, text);
}

/** @param file for messages, and for the paths */
export function parseConfig(file: string, text: string): Configuration {
  const whole = parsed(file, text);
  const { tunnel: tables = [], ...rest } = whole;
  const wrong = (path: Path, what: string) => wrongAt(file, lineOf(text, path), what);
  if (!Array.isArray(tables) || !tables.every(isTable)) throw wrong(['tunnel'], 'tunnel must be [[tunnel]], a table');
  const checked = (table: Table, rows: OptionTable, path: Path) => {
    const entries = Object.entries(table).map(([name, value]) => {
      const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
      const at = [...path, name];
      if (row === undefined) throw wrong(at, `${name} is unknown: there are ${Object.keys(rows).join(', ')}`);
      try {
        return [name, optionValue(row, value, dirname(file))];
      } catch (error) {
        throw error instanceof WrongValue ? wrong(at, `${name} ${error.message}`) : error;
      }
    });
    return Object.fromEntries(entries);
  };
  const process: ProcessChoices = checked(rest, PROCESS_OPTIONS, []);
  const tunnels = tables.map((table, i): TunnelChoices => checked(table, TUNNEL_OPTIONS, ['tunnel', i]));
  if (tunnels.length === 0) throw new CliError(`${file} has no tunnel`, 'write a table [[tunnel]]', EXIT_CODES.usage);
  for (const [i, { name }] of tunnels.entries()) {
    if (name === undefined) throw wrong(['tunnel', i], 'the tunnel has no name');
    if (tunnels.findIndex((other) => other.name === name) < i)
      throw wrong(['tunnel', i, 'name'], `there are two of ${name}`);
  }
  return { process, tunnels };
}

type Table = Record<string, unknown>;
type Path = readonly (string | number)[];

function parsed(file: string, text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw wrongAt(file, error.line, error.message.split('\n')[0] ?? '');
  }
}

function wrongAt(file: string, line: number, what: string): CliError {
  return new CliError(`${file}:${line}: ${what}`, 'see pqsock tunnel --help', EXIT_CODES.usage);
}

/** The parser does not say where a value was: it is on the last of the first lines that have it by themselves. */
function lineOf(text: string, path: Path): number {
  const lines = text.split('\n');
  const has = (count: number): boolean => {
    try {
      return isIn(parse(lines.slice(0, count).join('\n')), path);
    } catch {
      return false; // a value goes on over several lines
    }
  };
  return lines.findIndex((_, i) => has(i + 1)) + 1;
}

function isIn(value: unknown, [name, ...path]: Path): boolean {
  if (name === undefined) return true;
  return (
    typeof value === 'object' && value !== null && Object.hasOwn(value, name) && isIn((value as Table)[name], path)
  );
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
