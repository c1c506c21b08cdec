/**
 * A server's bounded queue before the crypto threads: what is more than they can do waits here or is refused, so that
 * neither memory nor the wait grows with the load. It never starts a task for a peer that has gone meanwhile.
 */
import type { Done, Operation } from '../crypto/operation.js';
import { pqError } from '../errors.js';

export interface WorkQueueOptions {
  /** How many tasks may run. */
  readonly concurrency: number;
  /** How many may wait besides. */
  readonly capacity: number;
}

/** `'last'` waits behind all that are `'normal'`, and gives up its place to them: for addresses that misbehaved. */
export type Rank = 'normal' | 'last';

/** What is to be done; `begin` calls `done` when it has ended, and never before it has returned. */
export type Task<T> = Pick<Operation<T>, 'begin'>;

/** What a task has in the queue. */
export interface Place {
  /**
   * Gives up the place if the task still waits: it will never run, and another may wait instead. A task that runs is
   * not stopped. To be called when a connection is destroyed; more than once does nothing.
   */
  leave(): void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #normal = new Line();
  readonly #last = new Line();
  /** Below the limit only if nothing waits: when a task ends, the next one starts in the same step. */
  #running = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** How many tasks run. */
  get running(): number {
    return this.#running;
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#normal.length + this.#last.length;
  }

  /** Whether a newcomer of rank `'normal'` would be refused. */
  get full(): boolean {
    return !this.#hasThread() && !this.#hasRoom() && this.#last.length === 0;
  }

  /**
   * Starts a task before it returns if fewer run than may; else the task waits, or is refused.
   *
   * @param done hears what the task gives or fails with; PQ_ERR_BUSY if it was refused, within this call or later; no
   *   result if its place was given up. It is always called, so that whoever waits can clean up.
   */
  run<T>(task: Task<T>, rank: Rank, done: Done<T>): Place {
    const job = new Job(task, done as Done<unknown>);
    this.#admit(job, rank);
    return job;
  }

  #admit(job: Job, rank: Rank): void {
    if (this.#hasThread()) {
      this.#start(job);
      return;
    }
    if (!this.#hasRoom()) {
      const displaced = rank === 'normal' ? this.#last.takeLast() : undefined;
      (displaced ?? job).done(this.#busy());
      if (displaced === undefined) return;
    }
    (rank === 'normal' ? this.#normal : this.#last).push(job);
  }

  /** The next one is started before anybody hears of the end of this one: no thread waits for them. */
  #start(job: Job): void {
    this.#running += 1;
    const ended: Done<unknown> = (error, result) => {
      this.#running -= 1;
      const next = this.#normal.takeFirst() ?? this.#last.takeFirst();
      if (next !== undefined) this.#start(next);
      job.done(error, result);
    };
    try {
      job.task.begin(ended);
    } catch (error) {
      process.nextTick(ended, error);
    }
  }

  #hasThread(): boolean {
    return this.#running < this.#options.concurrency;
  }

  #hasRoom(): boolean {
    return this.waiting < this.#options.capacity;
  }

  #busy(): Error {
    const { capacity } = this.#options;
    return pqError(
      'PQ_ERR_BUSY',
      `${capacity} tasks wait for a thread, and no more may: try again later, or let more wait`,
    );
  }
}

class Job implements Place {
  readonly task: Task<unknown>;
  readonly done: Done<unknown>;
  /** Where it waits, if it does. */
  line: Line | undefined;
  prev: Job | undefined;
  next: Job | undefined;

  constructor(task: Task<unknown>, done: Done<unknown>) {
    this.task = task;
    this.done = done;
  }

  leave(): void {
    if (this.line === undefined) return;
    this.line.remove(this);
    this.done();
  }
}

/** Jobs that wait, in the order in which they came. A linked list: any of them leaves in constant time. */
class Line {
  #first: Job | undefined;
  #last: Job | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(job: Job): void {
    job.line = this;
    job.prev = this.#last;
    if (this.#last === undefined) this.#first = job;
    else this.#last.next = job;
    this.#last = job;
    this.#length += 1;
  }

  takeFirst(): Job | undefined {
    return this.#take(this.#first);
  }

  takeLast(): Job | undefined {
    return this.#take(this.#last);
  }

  /** Of a job that waits in this line. */
  remove(job: Job): void {
    if (job.prev === undefined) this.#first = job.next;
    else job.prev.next = job.next;
    if (job.next === undefined) this.#last = job.prev;
    else job.next.prev = job.prev;
    job.line = undefined;
    job.prev = undefined;
    job.next = undefined;
    this.#length -= 1;
  }

  #take(job: Job | undefined): Job | undefined {
    if (job !== undefined) this.remove(job);
    return job;
  }
}
