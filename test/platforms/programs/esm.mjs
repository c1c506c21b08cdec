// @ts-check
/** exchange.cjs with what `import` gives. */
import process from 'node:process';
import * as pqsock from 'pqsock';
import exchange from './exchange.cjs';

await exchange(pqsock, process.argv.slice(2));
