/** Trying again while the far end is away. */
import { dial } from '../../../lib/cli/tunnel/dial.js';
import { isTransient } from '../../../lib/cli/tunnel/transient.js';
import { AlertError, type AlertName } from '../../../lib/index.js';

const failure = (code: string) => Object.assign(new Error(code), { code });
const never = new AbortController().signal;
const HOUR = 3_600_000;

/** An attempt that fails so often before it succeeds. */
function failing(times: number, code = 'ECONNREFUSED') {
  return jest.fn(async () => {
    times -= 1;
    if (times >= 0) throw failure(code);
    return 'open';
  });
}

describe('dialling', () => {
  it('tries again until it succeeds', async () => {
    const attempt = failing(3);
    await expect(dial(attempt, { limit: HOUR, signal: never, pause: async () => {} })).resolves.toBe('open');
    expect(attempt).toHaveBeenCalledTimes(4);
  });

  it.each([
    [0, [25, 50, 100, 200, 400, 800, 1000, 1000]],
    [0.999_999, [50, 100, 200, 400, 800, 1600, 2000, 2000]],
  ])('waits longer each time, up to two seconds, a part of it at random (%d)', async (random, delays) => {
    const waited: number[] = [];
    const onRetry = jest.fn();
    await dial(failing(delays.length), {
      limit: HOUR,
      signal: never,
      random: () => random,
      onRetry,
      pause: async (delay) => void waited.push(delay),
    });
    expect(waited).toEqual(delays);
    expect(onRetry.mock.calls.map(([{ code }, delay]) => [code, delay])).toEqual(
      delays.map((delay) => ['ECONNREFUSED', delay]),
    );
  });

  it('does not try again after a failure that stays', async () => {
    const attempt = failing(3, 'PQ_ERR_UNTRUSTED');
    await expect(dial(attempt, { limit: HOUR, signal: never })).rejects.toThrow('PQ_ERR_UNTRUSTED');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('ends with the last failure when the time is over', async () => {
    await expect(dial(failing(Number.POSITIVE_INFINITY), { limit: 60, signal: never })).rejects.toThrow('ECONNREFUSED');
  });

  it('gives up an attempt that takes longer than all may', async () => {
    const attempt = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))));
    await expect(dial(attempt, { limit: 20, signal: never })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it.each(['before it begins', 'in an attempt', 'between two'])('ends when it is told to %s', async (when) => {
    const ending = new AbortController();
    const reason = new Error('the client has gone');
    const attempt = jest.fn(async (signal: AbortSignal) => {
      if (when === 'between two') throw failure('ECONNREFUSED');
      ending.abort(reason);
      expect(signal.aborted).toBe(true);
      throw failure('ABORT_ERR');
    });
    const pause = async (_: number, signal: AbortSignal) => {
      ending.abort(reason);
      signal.throwIfAborted();
    };
    if (when === 'before it begins') ending.abort(reason);
    await expect(dial(attempt, { limit: HOUR, signal: ending.signal, pause })).rejects.toBe(reason);
    expect(attempt).toHaveBeenCalledTimes(when === 'before it begins' ? 0 : 1);
  });
});

describe('a failure', () => {
  it.each(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOENT', 'PQ_ERR_TIMEOUT', 'PQ_ERR_TRUNCATED'])(
    'may pass if it is %s',
    (code) => {
      expect(isTransient(failure(code))).toBe(true);
    },
  );

  it.each(['PQ_ERR_UNTRUSTED', 'PQ_ERR_AUTH_FAILED', 'PQ_ERR_NO_COMMON_SUITE', 'PQ_ERR_DECODE', 'EACCES', 'ABORT_ERR'])(
    'stays if it is %s',
    (code) => {
      expect(isTransient(failure(code))).toBe(false);
    },
  );

  it.each<[AlertName, boolean]>([
    ['busy', true],
    ['timeout', true],
    ['auth_failed', false],
    ['no_common_suite', false],
    ['no_common_version', false],
    ['internal', false],
  ])('that the peer calls %s may pass: %s', (alert, passes) => {
    expect(isTransient(new AlertError(alert, 'ended'))).toBe(passes);
  });
});
