import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Done } from '../../lib/crypto/operation.js';
import { type Place, type Rank, WorkQueue } from '../../lib/net/work-queue.js';

/** Asks for a task that is a function. */
function ask<T>(
  queue: WorkQueue,
  task: () => Promise<T>,
  rank: Rank,
): { place: Place; result: Promise<T | undefined> } {
  const begin = (done: Done<T>) => void task().then((value) => done(undefined, value), done);
  let place: Place | undefined;
  const result = new Promise<T | undefined>((resolve, reject) => {
    place = queue.run({ begin }, rank, (error, value) => (error === undefined ? resolve(value) : reject(error)));
  });
  return { place: place as Place, result };
}

/** A task that ends when the test says so. */
class Task {
  readonly place: Place;
  /** `waits`, `runs`, then what has become of it. */
  state = 'waits';
  #resolve: (value: string) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(queue: WorkQueue, rank: Rank) {
    const work = new Promise<string>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const begin = () => {
      this.state = 'runs';
      return work;
    };
    const { place, result } = ask(queue, begin, rank);
    this.place = place;
    const failed = (error: { code?: string; message: string }) => error.code ?? error.message;
    result.then((value) => value ?? 'left', failed).then((state) => (this.state = state));
  }

  async end(): Promise<void> {
    this.#resolve('ended');
    await nextTurn();
  }

  async fail(): Promise<void> {
    this.#reject(new Error('failed'));
    await nextTurn();
  }

  async leave(): Promise<void> {
    this.place.leave();
    await nextTurn();
  }
}

const tasks = (queue: WorkQueue, rank: Rank, count: number) =>
  Array.from({ length: count }, () => new Task(queue, rank));
const statesOf = (all: readonly Task[]) => all.map(({ state }) => state);

describe('a work queue', () => {
  it('starts as many tasks at once as may run, and no more', () => {
    const queue = new WorkQueue({ concurrency: 2, capacity: 9 });
    const all = [...tasks(queue, 'normal', 1), ...tasks(queue, 'last', 1), ...tasks(queue, 'normal', 1)];
    expect(statesOf(all)).toEqual(['runs', 'runs', 'waits']);
    expect([queue.running, queue.waiting]).toEqual([2, 1]);
  });

  it('gives the result of a task to whoever asked for it', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 1 });
    const results = ['one', 'two'].map((name) => ask(queue, async () => name, 'normal').result);
    expect(await Promise.all(results)).toEqual(['one', 'two']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('starts those that wait in the order in which they came', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 9 });
    const all = tasks(queue, 'normal', 3);
    await all[0]?.end();
    expect(statesOf(all)).toEqual(['ended', 'runs', 'waits']);
    await all[1]?.end();
    expect(statesOf(all)).toEqual(['ended', 'ended', 'runs']);
  });

  it('starts those of rank last only when no other waits, and then in their order', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 9 });
    const [running, one, two] = tasks(queue, 'last', 3) as [Task, Task, Task];
    const [normal] = tasks(queue, 'normal', 1) as [Task];
    await running.end();
    expect(statesOf([one, two, normal])).toEqual(['waits', 'waits', 'runs']);
    await normal.end();
    expect(statesOf([one, two])).toEqual(['runs', 'waits']);
    await one.end();
    expect(two.state).toBe('runs');
  });

  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('failed'))],
    [
      'throws',
      () => {
        throw new Error('failed');
      },
    ],
  ])('has room for the next after a task that %s', async (_, task) => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 1 });
    const failing = ask(queue, task, 'normal').result;
    const next = ask(queue, async () => 'next', 'normal').result;
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('next');
    expect(queue.running).toBe(0);
  });

  it('starts the next task before anybody hears of the end of one', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 1 });
    const order: string[] = [];
    let end: Done<void> = () => {};
    queue.run({ begin: (done) => (end = done) }, 'normal', () => {
      order.push('heard');
      throw new Error('of who hears it');
    });
    const next = ask(queue, async () => order.push('next'), 'normal').result;
    expect(() => end()).toThrow('of who hears it');
    expect(order).toEqual(['next', 'heard']);
    await next;
    expect(queue.running).toBe(0);
  });

  it('lets a task that runs ask for another one, which waits behind those that came before', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 9 });
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    let inner: Promise<void> | undefined;
    const outer = async () => {
      order.push('outer');
      inner = ask(queue, note('inner'), 'normal').result;
    };
    await Promise.all([ask(queue, outer, 'normal').result, ask(queue, note('other'), 'normal').result]);
    await inner;
    expect(order).toEqual(['outer', 'inner', 'other']);
  });
});

describe('a work queue that is full', () => {
  const limits = { concurrency: 1, capacity: 2 };

  it('refuses a newcomer, and says why and what to do', async () => {
    const queue = new WorkQueue(limits);
    const all = tasks(queue, 'normal', 3);
    const task = jest.fn(async () => {});
    for (const rank of ['normal', 'last'] as const) {
      await expect(ask(queue, task, rank).result).rejects.toThrow(
        expect.objectContaining({
          code: 'PQ_ERR_BUSY',
          message: expect.stringMatching(/^2 tasks wait.*try again later/),
        }),
      );
    }
    for (const each of all) await each.end();
    expect(task).not.toHaveBeenCalled();
    expect(statesOf(all)).toEqual(['ended', 'ended', 'ended']);
  });

  it('gives the place of the last one of rank last to one that is normal', async () => {
    const queue = new WorkQueue(limits);
    const [running, first, second] = tasks(queue, 'last', 3) as [Task, Task, Task];
    const [newcomer] = tasks(queue, 'normal', 1) as [Task];
    await nextTurn();
    expect(statesOf([running, first, second, newcomer])).toEqual(['runs', 'waits', 'PQ_ERR_BUSY', 'waits']);
    expect(queue.waiting).toBe(2);
    await running.end();
    expect(statesOf([first, newcomer])).toEqual(['waits', 'runs']);
  });

  it('gives no place of a normal one away', async () => {
    const queue = new WorkQueue(limits);
    const all = [...tasks(queue, 'normal', 3), ...tasks(queue, 'last', 1), ...tasks(queue, 'normal', 1)];
    await nextTurn();
    expect(statesOf(all)).toEqual(['runs', 'waits', 'waits', 'PQ_ERR_BUSY', 'PQ_ERR_BUSY']);
  });

  it('says that it is full just when a normal newcomer would be refused', async () => {
    const queue = new WorkQueue(limits);
    expect(queue.full).toBe(false);
    const [running] = tasks(queue, 'last', 3) as [Task];
    expect(queue.full).toBe(false); // two places could be had
    tasks(queue, 'normal', 1);
    expect(queue.full).toBe(false);
    tasks(queue, 'normal', 1);
    expect(queue.full).toBe(true);
    await running.end();
    expect(queue.full).toBe(false);
  });

  it('of no capacity lets tasks run and none wait', async () => {
    const queue = new WorkQueue({ concurrency: 1, capacity: 0 });
    const all = tasks(queue, 'normal', 2);
    await nextTurn();
    expect(statesOf(all)).toEqual(['runs', 'PQ_ERR_BUSY']);
    expect(queue.full).toBe(true);
  });
});

describe('a place in a work queue', () => {
  const limits = { concurrency: 1, capacity: 2 };

  it('that is left is free at once, and its task never runs', async () => {
    const queue = new WorkQueue(limits);
    const [running, gone, other] = tasks(queue, 'normal', 3) as [Task, Task, Task];
    gone.place.leave();
    expect([queue.waiting, queue.full]).toEqual([1, false]);
    const [newcomer] = tasks(queue, 'normal', 1) as [Task];
    await running.end();
    expect(statesOf([gone, other, newcomer])).toEqual(['left', 'runs', 'waits']);
  });

  it('can be left more than once, and after its task has started, been refused or ended', async () => {
    const queue = new WorkQueue(limits);
    const [running, gone, other, refused] = tasks(queue, 'normal', 4) as [Task, Task, Task, Task];
    for (const each of [running, gone, gone, refused]) await each.leave();
    expect(statesOf([running, gone, other, refused])).toEqual(['runs', 'left', 'waits', 'PQ_ERR_BUSY']);
    expect([queue.running, queue.waiting]).toEqual([1, 1]);
    await running.end();
    await running.leave();
    expect([queue.running, queue.waiting]).toEqual([1, 0]);
    expect(statesOf([running, other])).toEqual(['ended', 'runs']);
  });
});

describe('100,000 tasks', () => {
  const COUNT = 100_000;
  const limits = { concurrency: 1, capacity: COUNT };
  const fails = (): Promise<never> => {
    throw new Error('failed');
  };

  it.each<[string, () => Promise<unknown>]>([
    ['end at once', async () => {}],
    ['throw at once', fails],
  ])('that wait and %s take no stack', async (_, task) => {
    const queue = new WorkQueue(limits);
    const [running] = tasks(queue, 'normal', 1) as [Task];
    const results = Array.from({ length: COUNT }, () => ask(queue, task, 'normal').result);
    expect(queue.waiting).toBe(COUNT);
    await Promise.all([running.end(), Promise.allSettled(results)]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('that leave from the middle leave nothing behind', async () => {
    const queue = new WorkQueue(limits);
    const [running] = tasks(queue, 'normal', 1) as [Task];
    const places = Array.from({ length: COUNT }, (_, i) => ask(queue, fails, i % 3 === 0 ? 'last' : 'normal').place);
    for (const place of [...places.slice(COUNT / 2), ...places]) place.leave();
    expect(queue.waiting).toBe(0);
    await running.end();
    expect(queue.running).toBe(0);
  });
});

it('a work queue does what a simple one would, whatever comes, ends and leaves', async () => {
  const act = fc.record({
    what: fc.constantFrom('normal', 'normal', 'last', 'last', 'end', 'fail', 'leave'),
    which: fc.nat({ max: 5 }),
  });
  const limits = fc.record({ concurrency: fc.integer({ min: 1, max: 3 }), capacity: fc.nat({ max: 4 }) });
  await fc.assert(
    fc.asyncProperty(limits, fc.array(act, { maxLength: 40 }), async (options, acts) => {
      const queue = new WorkQueue(options);
      const model = new Model(options);
      const all: Task[] = [];
      for (const { what, which } of acts) {
        const full = model.full;
        if (what === 'normal' || what === 'last') {
          expect(queue.full).toBe(full);
          all.push(new Task(queue, what));
          model.run(what);
        } else if (what === 'leave') {
          const at = which % Math.max(1, all.length);
          await all[at]?.leave();
          model.leave(at);
        } else {
          const at = model.running[which % Math.max(1, model.running.length)];
          if (at === undefined) continue;
          await all[at]?.[what]();
          model.finish(at, what === 'end' ? 'ended' : 'failed');
        }
        await nextTurn();
        expect(statesOf(all)).toEqual(model.states);
        expect([queue.running, queue.waiting]).toEqual([model.running.length, model.waiting.length]);
      }
    }),
  );
});

/** The same with plain arrays; a task is its number. */
class Model {
  readonly states: string[] = [];
  readonly #ranks: Rank[] = [];
  readonly #options: ConstructorParameters<typeof WorkQueue>[0];

  constructor(options: ConstructorParameters<typeof WorkQueue>[0]) {
    this.#options = options;
  }

  get running(): number[] {
    return this.#those('runs');
  }

  get waiting(): number[] {
    return this.#those('waits');
  }

  get full(): boolean {
    const { concurrency, capacity } = this.#options;
    const last = this.waiting.some((at) => this.#ranks[at] === 'last');
    return this.running.length === concurrency && this.waiting.length === capacity && !last;
  }

  run(rank: Rank): void {
    const at = this.states.push('waits') - 1;
    this.#ranks.push(rank);
    const { concurrency, capacity } = this.#options;
    if (this.running.length < concurrency) this.states[at] = 'runs';
    else if (this.waiting.length > capacity) {
      const behind = this.waiting.filter((each) => this.#ranks[each] === 'last' && each !== at);
      this.states[(rank === 'normal' ? behind.at(-1) : undefined) ?? at] = 'PQ_ERR_BUSY';
    }
  }

  leave(at: number): void {
    if (this.states[at] === 'waits') this.states[at] = 'left';
  }

  finish(at: number, state: string): void {
    this.states[at] = state;
    const next = this.waiting.find((each) => this.#ranks[each] === 'normal') ?? this.waiting[0];
    if (next !== undefined) this.states[next] = 'runs';
  }

  #those(state: string): number[] {
    return this.states.flatMap((each, at) => (each === state ? [at] : []));
  }
}
