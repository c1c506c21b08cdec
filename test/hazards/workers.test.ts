/** Worker threads that use the addon at once, and that end in the middle of their operations. */
import { runFixture } from './run-fixture.js';

const FINISHED = { code: 0, signal: null, stdout: 'finished', stderr: '' };

it('several workers and the main thread do their operations at once', async () => {
  expect(await runFixture('workers.mjs', 'finish')).toEqual(FINISHED);
});

it('workers may be terminated in the middle of their operations, again and again', async () => {
  expect(await runFixture('workers.mjs', 'terminate')).toEqual(FINISHED);
});

it.each(['terminate', 'exit'])('the only users of the addon may end amid their operations: %s', async (end) => {
  expect(await runFixture('worker-only.mjs', end)).toEqual(FINISHED);
});

it('the only user of the addon may end with an error amid its operations', async () => {
  const { code, signal, stderr } = await runFixture('worker-only.mjs', 'throw');
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(stderr).toContain('the worker ends');
});
