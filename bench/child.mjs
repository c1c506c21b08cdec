// @ts-check
/** A process that is idle unless it is asked for something: both its ends. */
import { fork } from 'node:child_process';

/** @typedef {(what: string, argument?: unknown) => Promise<any>} Ask one question at a time */
/** @typedef {{ ask: Ask, end: () => void }} Child */

/**
 * @param {string} program which calls {@link answer}
 * @param {string[]} args
 * @param {{ title: string, execPath: string, execArgv?: string[] }} options `title` is in the errors
 * @returns {Child}
 */
export function startChild(program, args, { title, execPath, execArgv = [] }) {
  const child = fork(program, args, { execPath, execArgv, serialization: 'advanced' });
  const ended = new Promise((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${title} ended (${signal ?? code})`)));
    child.once('error', reject);
  });
  ended.catch(() => {}); // of interest only while it is asked for something
  return {
    async ask(what, argument) {
      const answered = new Promise((resolve) => child.once('message', resolve));
      child.send({ ask: what, argument });
      const { answer, error } = await Promise.race([answered, ended]);
      if (error !== undefined) throw new Error(`${title}, ${what}: ${error}`);
      return answer;
    },
    end: () => child.connected && child.disconnect(),
  };
}

/**
 * In the child: answers what it is asked for, until its parent is gone.
 *
 * @param {Record<string, (argument: any) => unknown>} answers
 */
export function answer(answers) {
  process.on('message', async (/** @type {{ ask: string, argument: unknown }} */ { ask, argument }) => {
    try {
      process.send?.({ answer: await answers[ask]?.(argument) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}
