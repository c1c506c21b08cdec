/** Processes that end while operations are in flight: by their own will, and never with a signal. */
import { runFixture } from './run-fixture.js';

it.each([
  ['process.exit() at once', 'exit', 7],
  ['process.exit() when one of them has ended', 'exitInContinuation', 8],
])('%s ends the process with its code', async (_, ending, code) => {
  expect(await runFixture('endings.mjs', ending)).toEqual({ code, signal: null, stdout: '', stderr: '' });
});

it.each([
  ['in the continuation of one', 'throwInContinuation', 'thrown in a continuation'],
  ['when they have been started', 'throwAtOnce', 'thrown at once'],
])('an exception %s ends the process with code 1 and a trace', async (_, ending, message) => {
  const { code, signal, stderr } = await runFixture('endings.mjs', ending);
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(stderr).toContain(`Error: ${message}`);
});

it('an exception in a continuation that a handler takes leaves the other operations', async () => {
  expect(await runFixture('endings.mjs', 'throwAndCatch')).toEqual({
    code: 0,
    signal: null,
    stdout: 'caught: thrown in a continuation; finished',
    stderr: '',
  });
});

it('the process waits for operations, and for nothing after them', async () => {
  expect(await runFixture('endings.mjs', 'endByItself')).toEqual({
    code: 0,
    signal: null,
    stdout: 'finished; nothing kept the process',
    stderr: '',
  });
});
