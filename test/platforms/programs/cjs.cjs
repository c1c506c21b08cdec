// @ts-check
/** exchange.cjs with what `require` gives. */
const pqsock = require('pqsock');
const exchange = require('./exchange.cjs');

exchange(pqsock, process.argv.slice(2));
