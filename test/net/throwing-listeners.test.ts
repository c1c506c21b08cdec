import { runFixture } from '../hazards/run-fixture.js';

it('what listeners of the application throw is its own, once for each, and the connection goes on', async () => {
  const { stdout, stderr, code } = await runFixture('../net/throwing-listeners.mjs');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    received: ['one', 'two', 'three'],
    read: ['there', 'there'],
    uncaught: [
      'connect',
      'data',
      ...Array(3).fill('data at the server'),
      ...Array(2).fill('keylog'),
      ...Array(6).fill('keylog at the server'),
      ...Array(2).fill('onread'),
      ...Array(3).fill('secureConnection'),
    ],
  });
  expect(code).toBe(0);
});
