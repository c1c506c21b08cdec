#!/usr/bin/env node
/** The command `pqsock`: finds the verb, and turns what it throws into two lines and an exit code. */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.js';
import { CliError, EXIT_CODES, reportError } from './report.js';
import { addTunnel } from './tunnel.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const program = new Command('pqsock')
  .description('a socket that is secure against quantum computers')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })
  .addHelpText('after', '\nexit codes: 0 all went well, 1 it did not, 2 the command line is wrong');
addDemo(program);
addTunnel(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  else {
    reportError(error);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT_CODES.failed;
  }
}
