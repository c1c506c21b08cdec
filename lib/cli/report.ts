/** What the command says when something goes wrong: `error:` and `hint:` lines on stderr, and an exit code. */

/** docs/CLI.md says what each of them means. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  file: 3,
  refused: 4,
  network: 5,
  cutOff: 6,
  interrupted: 130,
  unread: 141,
  terminated: 143,
} as const;

/** An error with a remedy. */
export class CliError extends Error {
  readonly hint: string;
  readonly exitCode: number;
  /** That of the error behind it, if there is one. */
  readonly code: string | undefined;

  constructor(message: string, hint: string, exitCode: number = EXIT_CODES.failed, code?: string) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** An end that nobody has to be told about, as who has brought it about knows of it. */
export class QuietEnd extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The end of a command by a signal. */
export function interruptedBy(signal: NodeJS.Signals): QuietEnd {
  const exitCode = signal === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
  return new QuietEnd(`interrupted by ${signal}`, exitCode);
}

export function reportError(error: unknown): void {
  if (error instanceof QuietEnd) return;
  const { message, code } = error as { message?: string; code?: string };
  process.stderr.write(`error: ${message ?? String(error)}${code === undefined ? '' : ` (${code})`}\n`);
  if (error instanceof CliError) process.stderr.write(`hint: ${error.hint}\n`);
}
