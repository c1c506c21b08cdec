/** Servers in several processes behind one port. */
import { runFixture } from '../hazards/run-fixture.js';

it.each<[string, string, object]>([
  [
    'the workers of node:cluster share a port, and one goes on without the other',
    'workers',
    { processes: 2, answers: 8, afterwards: 1 },
  ],
  ['two processes listen on a handle that a third has opened', 'handle', { own: false, answers: 8 }],
  ['a process serves connections that another has accepted', 'socket', { processes: 1, own: false, answers: 8 }],
])('%s', async (_, way, expected) => {
  const { code, stdout, stderr } = await runFixture('../net/shared-port.mjs', way);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(expected);
  expect(code).toBe(0);
});
