/**
 * What a server spends on peers that have proven nothing yet, over all its connections: how many handshakes may be
 * under way, and how much lattice work may wait. PROTOCOL.md, "Limits".
 */
import { availableParallelism } from 'node:os';
import type { Done, Operation } from '../crypto/operation.js';
import { type AlertName, alertOf, pqError } from '../errors.js';
import type { Spent } from '../handshake/machine.js';
import { addressGroup } from './address-group.js';
import { Admission, type Admitted, type Refusal } from './admission.js';
import { FaultRecord } from './fault-record.js';
import type { LoadLimits } from './limits.js';
import { type Place, WorkQueue } from './work-queue.js';

/** Does a connection's lattice work, and hears how far its handshake has come. */
export interface WorkAccount {
  /** `done` as that of {@link WorkQueue.run}. */
  run<T>(operation: Operation<T>, spent: Spent, done: Done<T>): Place;
  /** The peer has shown that it holds a key which the policy accepts. */
  proven(): void;
  /** The handshake has ended with an error. */
  failed(error: Error): void;
  /** The handshake is complete, or its transport is closed: nothing more is spent on it. */
  done(): void;
}

/** Enough to keep every thread busy while results come back; what is more waits in our queue, where it can be left. */
const CONCURRENCY = 2 * availableParallelism();

/**
 * So many more where handshakes share signatures: only what is with the threads can be signed together. This is the
 * price of it: as much more work may be done for peers that have gone meanwhile.
 */
const TOGETHER = 64;

/**
 * What an address must not do often, by what it is told about it: an honest peer with a wrong setup does it, too, and
 * only waits longer.
 */
const FAULTS: readonly (AlertName | undefined)[] = ['decode_error', 'unexpected_message', 'auth_failed'];

export class ServerLoad {
  readonly #admission: Admission;
  readonly #faults: FaultRecord;
  readonly #verify: WorkQueue;
  readonly #sign: WorkQueue;

  /** @param batchSignatures whether handshakes may be signed together */
  constructor(limits: LoadLimits, batchSignatures: boolean) {
    this.#admission = new Admission(limits);
    this.#faults = new FaultRecord(limits.faultsPerMinute, () => performance.now());
    this.#verify = new WorkQueue({
      concurrency: CONCURRENCY + (batchSignatures ? TOGETHER : 0),
      capacity: limits.verifyQueue,
    });
    this.#sign = new WorkQueue({ concurrency: CONCURRENCY, capacity: limits.signQueue });
  }

  /** Admits a connection from an address, or says why not. */
  admit(remoteAddress: string | undefined): WorkAccount | Refusal {
    const group = addressGroup(remoteAddress);
    const admitted = this.#admission.admit(group);
    return typeof admitted === 'string' ? admitted : new Account(this, group, admitted);
  }

  /** For an account: does its work. Nothing is verified for a handshake that could not be signed afterwards. */
  run<T>(operation: Operation<T>, spent: Spent, group: string | undefined, done: Done<T>): Place {
    if (spent === 'sign') return this.#sign.run(operation, 'normal', done);
    if (!this.#sign.full) return this.#verify.run(operation, this.#faults.isSuspect(group) ? 'last' : 'normal', done);
    done(pqError('PQ_ERR_BUSY', 'too many handshakes wait to be signed: see limits.signQueue'));
    return NO_PLACE;
  }

  /** For an account: notes what an address has done. */
  note(error: Error, group: string | undefined): void {
    if (FAULTS.includes(alertOf(error))) this.#faults.fault(group);
  }
}

/** A connection's, from an address. */
class Account implements WorkAccount {
  readonly #load: ServerLoad;
  readonly #group: string | undefined;
  readonly #admitted: Admitted;

  constructor(load: ServerLoad, group: string | undefined, admitted: Admitted) {
    this.#load = load;
    this.#group = group;
    this.#admitted = admitted;
  }

  run<T>(operation: Operation<T>, spent: Spent, done: Done<T>): Place {
    return this.#load.run(operation, spent, this.#group, done);
  }

  proven(): void {
    this.#admitted.proven();
  }

  failed(error: Error): void {
    this.#load.note(error, this.#group);
  }

  done(): void {
    this.#admitted.done();
  }
}

/** Of what waits nowhere. */
const NO_PLACE: Place = { leave: () => {} };

/** A client's: its work is its own affair. */
export const CLIENT_ACCOUNT: WorkAccount = {
  run: (operation, _spent, done) => {
    operation.begin(done);
    return NO_PLACE;
  },
  proven: () => {},
  failed: () => {},
  done: () => {},
};
