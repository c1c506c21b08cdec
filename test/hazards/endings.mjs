// @ts-check
/** Ends the process, in the way that the argument says, while operations are in flight. */
import { once } from 'node:events';
import { Kem } from 'pqsock/oqs';
import { startEachOperation, startLongOperations } from './work.mjs';

/** @type {Record<string, () => unknown>} */
const ENDINGS = {
  exit() {
    startLongOperations();
    process.exit(7);
  },
  async exitInContinuation() {
    startLongOperations();
    for (let i = 0; i < 20; i += 1) startEachOperation();
    await new Kem('Kyber1024').keypair();
    process.exit(8);
  },
  async throwInContinuation() {
    for (let i = 0; i < 20; i += 1) startEachOperation();
    await new Kem('Kyber1024').keypair();
    throw new Error('thrown in a continuation');
  },
  async throwAndCatch() {
    const caught = once(process, 'uncaughtException');
    const operations = [...startEachOperation(), ...startEachOperation()];
    new Kem('Kyber1024').keypair().then(() => {
      throw new Error('thrown in a continuation');
    });
    const [{ message }] = await caught;
    await Promise.all(operations);
    process.stdout.write(`caught: ${message}; finished`);
  },
  throwAtOnce() {
    startLongOperations();
    throw new Error('thrown at once');
  },
  async endByItself() {
    process.on('exit', () => process.stdout.write('; nothing kept the process'));
    await Promise.all([...startEachOperation(), ...startLongOperations()]);
    process.stdout.write('finished');
  },
};

await ENDINGS[process.argv[2] ?? '']?.();
