/** The page of `--metrics`, in a browser. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Browser } from '../support/browser.js';
import { describeWithPrograms } from '../support/requirements.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

describeWithPrograms(__filename, 'the page of --metrics', () => {
  let service: Server;
  let commands: TunnelCommands;
  let browser: Browser;
  let at: string;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    service = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const endpoint = `tcp://127.0.0.1:${(service.address() as AddressInfo).port}`;
    [commands, browser] = await Promise.all([
      TunnelCommands.start(endpoint, '--metrics', '127.0.0.1:0', '--name', '<b>&"db"'),
      Browser.start(),
    ]);
    [, at = ''] = await commands.server.line(/metrics: at=(\S+)$/);
    await browser.show(at);
  }, 30_000);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([browser.close(), commands.close()]);
    await new Promise((resolve) => service.close(resolve));
  }, 30_000);

  const textOf = (id: string) => `document.getElementById('${id}')?.textContent`;
  const rowOf = (table: string, row: number) =>
    `[...document.querySelectorAll('#${table} tr:nth-child(${row + 1}) td')].map((cell) => cell.textContent).join()`;

  async function connected(port: number): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
    sockets.push(socket);
    socket.write('x'.repeat(3000));
    await once(socket, 'data');
    return socket;
  }

  it('shows figures that change with what happens', async () => {
    await browser.becomes(textOf('state'), 'ready');
    await browser.becomes(textOf('open'), '0');
    expect(await browser.valueOf(rowOf('handshakes', 1))).toBe('none,,,');
    const [first] = [await connected(commands.port), await connected(commands.port)];
    await browser.becomes(textOf('open'), '2');
    expect(await browser.valueOf(rowOf('handshakes', 1))).toBe('server,completed,kyber1024-dilithium5,2');
    expect(await browser.valueOf(textOf('duration'))).toMatch(/^≤ [\d.]+ m?s$/);
    await browser.becomes(rowOf('tunnels', 1), '<b>&"db",2,0,0,0,0,5.9 KiB,5.9 KiB');
    first.end();
    await browser.becomes(textOf('open'), '1');
    const stranger = connect({ port: await commands.startClient('stranger'), host: '127.0.0.1' }).on('error', () => {});
    sockets.push(stranger);
    await browser.becomes(rowOf('errors', 1), 'server,PQ_ERR_UNTRUSTED,1');
  }, 20_000);

  it('loads nothing of elsewhere, runs no script that is put into it, and nothing goes wrong in it', async () => {
    await browser.becomes(textOf('state'), 'ready');
    expect(browser.requests).toContain(`${at}page.js`);
    expect(browser.requests.filter((url) => !url.startsWith(at) && url !== 'data:,')).toEqual([]);
    expect(browser.problems).toEqual([]);
    await browser.valueOf(`document.body.append(Object.assign(document.createElement('script'), { text: 'ran = 1' }))`);
    expect(await browser.valueOf('typeof ran')).toBe('undefined');
  });

  it('says when the tunnel drains, and when it is gone', async () => {
    commands.server.kill('SIGTERM');
    await browser.becomes(textOf('state'), 'draining');
    for (const socket of sockets) socket.destroy();
    expect((await commands.server.end).signal).toBeNull();
    await browser.becomes(textOf('state'), 'not reached');
  }, 20_000);
});
