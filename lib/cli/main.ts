#!/usr/bin/env node
/** The command `pqsock`: finds the verb, and turns what it throws into two lines and an exit code. */
import { Command, CommanderError } from 'commander';
import { addBuildNative } from './build-native.js';
import { CliError, EXIT_CODES, QuietEnd, reportError } from './report.js';
import { version } from './version.js';

const EXIT_CODES_HELP = `
exit codes: 0 all went well; 1 it did not, for another reason than these: 2 the command line or the configuration is
  wrong; 3 a file can't be used; 4 one side does not trust the other; 5 the network, or the peer at the other end of
  it; 6 a connection was cut off; 130 and 143 interrupted by SIGINT and SIGTERM; 141 nobody reads stdout any more`;

const program = new Command('pqsock')
  .description('a socket that is secure against quantum computers')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })
  .showHelpAfterError('hint: see pqsock --help, or pqsock VERB --help')
  .addHelpText('after', EXIT_CODES_HELP);

// Who reads us may have seen enough; what was begun is done all the same.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return;
  reportError(new CliError(`stdout can't be written: ${code ?? message}`, 'look where it goes to', EXIT_CODES.file));
  process.exit(EXIT_CODES.file);
});
process.stderr.on('error', () => {}); // a log that nobody reads any more is no reason to end

try {
  // The others need an addon: a package that has none can still build one.
  if (process.argv[2] !== 'build-native') (await import('./verbs.js')).addVerbs(program);
  addBuildNative(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  else {
    reportError(error);
    process.exitCode = await exitCodeFor(error);
  }
}

async function exitCodeFor(error: unknown): Promise<number> {
  if (error instanceof CliError || error instanceof QuietEnd) return error.exitCode;
  const known = await import('./exit-code.js').catch(() => undefined); // it needs the addon, too
  return known?.exitCodeOf(error) ?? EXIT_CODES.failed;
}
