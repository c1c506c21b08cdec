// @ts-check
/** Prints the Debian packages of the programs in test/requirements.json that are not there. */
import { missingPrograms } from '../test/missing-programs.mjs';

process.stdout.write([...new Set(missingPrograms().flatMap(({ debian }) => debian))].join(' '));
