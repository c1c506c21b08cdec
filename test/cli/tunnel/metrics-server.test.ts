/** What is answered under which path. */
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { MetricsServer } from '../../../lib/cli/tunnel/metrics-server.js';

let server: MetricsServer;
let at: AddressInfo;
let state: string;
beforeEach(async () => {
  state = 'ready';
  server = new MetricsServer({ text: () => '# the metrics\n', state: () => state });
  at = await server.start({ host: '127.0.0.1', port: 0 });
});
afterEach(() => server.stop());

async function ask(path: string, method = 'GET', headers: Record<string, string> = {}) {
  const asked = request({ host: at.address, port: at.port, path, method, headers, agent: false }).end();
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** What comes back for bytes that are no request of a client of Node. */
async function say(bytes: string): Promise<string> {
  const socket = connect(at.port, at.address);
  socket.on('error', () => {}).write(bytes);
  return text(socket);
}

describe('the server of metrics', () => {
  it('has the metrics in the format of Prometheus', async () => {
    const { status, headers, body } = await ask('/metrics');
    expect([status, body]).toEqual([200, '# the metrics\n']);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['content-length']).toBe('14');
  });

  it('says that it lives, and whether it is ready', async () => {
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    for (state of ['starting', 'draining']) {
      expect(await ask('/readyz')).toMatchObject({ status: 503, body: `${state}\n` });
      expect(await ask('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    }
  });

  it.each(['/', '/page.css', '/page.js', '/metrics', '/healthz', '/readyz', '/none'])(
    'lets nothing of elsewhere run or be asked from %s',
    async (path) => {
      const { headers } = await ask(path);
      const policy = headers['content-security-policy'].split('; ');
      expect(policy).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
      );
      expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    },
  );

  it('has a page that names nothing but its own files, and no script or style in itself', async () => {
    const { headers, body } = await ask('/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const named = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, name]) => name);
    expect(named).toEqual(['data:,', '/page.css', '/page.js', '/metrics', '/readyz', '/healthz']);
    expect(body).not.toMatch(/<style|\son\w+=|style=|<script>/);
    expect((await ask('/page.css')).headers['content-type']).toBe('text/css; charset=utf-8');
    expect((await ask('/page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it('answers GET and HEAD alone', async () => {
    const head = await ask('/metrics', 'HEAD');
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '14']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask('/metrics', method);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('has no other paths', async () => {
    expect((await ask('/metrics?a=b')).status).toBe(200);
    for (const path of ['/metrics/', '//metrics', '/none', '/../metrics', '/%6detrics', '/constructor']) {
      expect(await ask(path)).toMatchObject({ status: 404, body: 'not found\n' });
    }
  });

  it('does not answer a page of elsewhere that makes its name point here', async () => {
    expect(await ask('/metrics', 'GET', { host: `elsewhere.example:${at.port}` })).toMatchObject({ status: 403 });
    expect(await ask('/metrics', 'GET', { host: `localhost:${at.port}` })).toMatchObject({ status: 200 });
  });

  it('takes no long header, and nothing that is no request', async () => {
    expect(await say(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(8192)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await say('no request at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});
