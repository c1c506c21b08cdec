/** Which two endpoints make a tunnel. */
import { parseEndpoint } from '../../../lib/cli/endpoint.js';
import { routeOf } from '../../../lib/cli/tunnel/route.js';

const route = (listen: string, to: string) => routeOf(parseEndpoint(listen, 'listen'), parseEndpoint(to, 'to'));

describe('a route', () => {
  it.each([
    ['server', 'pq://0.0.0.0:1', 'tcp://a:2'],
    ['server', 'pq://0.0.0.0:1', 'unix:/a'],
    ['client', 'tcp://127.0.0.1:1', 'pq://a:2'],
    ['client', 'unix:/a', 'pq://a:2'],
  ])('is a %s’s from %s to %s', (role, listen, to) => {
    expect(route(listen, to).role).toBe(role);
  });

  it.each([
    ['tcp://127.0.0.1:1', 'tcp://a:2'],
    ['tcp://127.0.0.1:1', 'unix:/a'],
    ['unix:/a', 'tcp://a:2'],
    ['unix:/a', 'unix:/b'],
  ])('is never plain on both sides, as from %s to %s', (listen, to) => {
    expect(() => route(listen, to)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('nothing would be secure') }),
    );
  });

  it('has a plain side', () => {
    expect(() => route('pq://0.0.0.0:1', 'pq://a:2')).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('write pq://') }),
    );
  });
});
