// @ts-check
/**
 * One side of a connection between two processes, with the `pqsock` that it is given: `keys` makes both identities in
 * the working folder, `serve` sends back what it gets and prints its port, `connect PORT` sends and compares.
 */
const { createHash, randomBytes } = require('node:crypto');
const { once } = require('node:events');

const BYTES = 4 * 1024 * 1024;

/**
 * @param {typeof import('pqsock')} pqsock
 * @param {string[]} args
 */
module.exports = async function exchange(pqsock, [what, port]) {
  if (what === 'keys') {
    for (const name of ['server', 'client'])
      await pqsock.writeIdentity(`${name}.pem`, await pqsock.Identity.generate());
    return;
  }
  const [server, client] = [await pqsock.readIdentity('server.pem'), await pqsock.readIdentity('client.pem')];
  if (what === 'serve') await serve(pqsock, { identity: server, trust: client.fingerprint });
  else await connect(pqsock, { identity: client, trust: server.fingerprint, port: Number(port), host: '127.0.0.1' });
};

/**
 * @param {typeof import('pqsock')} pqsock
 * @param {import('pqsock').ServerOptions} options
 */
async function serve({ createServer }, options) {
  const server = createServer(options, (socket) => {
    socket.pipe(socket);
    socket.once('close', () => server.close());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(JSON.stringify({ port: address.port }));
}

/**
 * @param {typeof import('pqsock')} pqsock
 * @param {import('pqsock').ConnectOptions} options
 */
async function connect(pqsock, options) {
  const sent = randomBytes(BYTES);
  const socket = pqsock.connect(options);
  await once(socket, 'secureConnect');
  socket.end(sent);
  const received = createHash('sha256');
  let bytes = 0;
  for await (const chunk of socket) {
    received.update(chunk);
    bytes += chunk.length;
  }
  const same = received.digest('hex') === createHash('sha256').update(sent).digest('hex');
  const { name, version } = socket.getCipher() ?? {};
  console.log(JSON.stringify({ bytes, same, cipher: `${name} ${version}`, addon: pqsock.addonInfo() }));
}
