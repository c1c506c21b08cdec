/** The log: one event a line, for people or as JSON. Nothing of the data that passes, and no secret, is in it. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFormat = 'lines' | 'json';
export const LOG_FORMATS: readonly LogFormat[] = ['lines', 'json'];

/** What is undefined is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** @param event what has happened, in a few words that are always the same */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

export interface LogOptions {
  readonly format: LogFormat;
  /** The least level that is written. */
  readonly level: LogLevel;
  /** Where each line goes; to stderr unless said otherwise. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

export function makeLog({ format, level: least, write = toStderr, now = () => new Date() }: LogOptions): Log {
  const lowest = LOG_LEVELS.indexOf(least);
  const lineOf = format === 'json' ? jsonLine : textLine;
  return (level, event, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) >= lowest) write(lineOf(now().toISOString(), level, event, fields));
  };
}

/** What a log says about an error. */
export function errorFields(error: unknown): LogFields {
  const { code, alert, message } = error as { code?: string; alert?: string; message?: string };
  return { code, alert, message: message ?? String(error) };
}

function toStderr(line: string): void {
  process.stderr.write(line);
}

function jsonLine(time: string, level: LogLevel, event: string, fields: LogFields): string {
  return `${quoted({ time, level, event, ...fields })}\n`;
}

function textLine(time: string, level: LogLevel, event: string, fields: LogFields): string {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const words = known.map(([name, value]) => `${name}=${typeof value === 'string' ? word(value) : value}`);
  return `${[time, level.padEnd(5), known.length === 0 ? event : `${event}:`, ...words].join(' ')}\n`;
}

/** A peer may have made up some of it: nothing but plain characters goes without quotes. */
function word(value: string): string {
  return /^[\w.:/@%[\]+-]+$/.test(value) ? value : quoted(value);
}

/** JSON leaves some control characters as they are, which a terminal could take for its own. */
function quoted(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}
