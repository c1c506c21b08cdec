#!/usr/bin/env node
/** The command `pqsock`: finds the verb, and turns what it throws into two lines and an exit code. */
import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.js';
import { addFingerprint } from './fingerprint.js';
import { addInfo } from './info.js';
import { addKeygen } from './keygen.js';
import { CliError, EXIT_CODES, reportError } from './report.js';
import { addTunnel } from './tunnel.js';
import { version } from './version.js';

const program = new Command('pqsock')
  .description('a socket that is secure against quantum computers')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })
  .addHelpText('after', '\nexit codes: 0 all went well, 1 it did not, 2 the command line is wrong');
for (const add of [addKeygen, addFingerprint, addTunnel, addDemo, addInfo]) add(program);

// Who reads us may have seen enough; what was begun is done all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  else {
    reportError(error);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT_CODES.failed;
  }
}
