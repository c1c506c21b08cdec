/** Makes two methods of each entry of a table of operations: `name`, off the event loop, and `nameSync`, inline. */
import type { Operation } from './operation.js';

type Entry<Row> = (algorithm: Row, ...args: never[]) => Operation<unknown>;

type Asynchronous<E> = E extends (algorithm: infer _, ...args: infer Args) => Operation<infer T>
  ? (...args: Args) => Promise<T>
  : never;

type Inline<E> = E extends (algorithm: infer _, ...args: infer Args) => Operation<infer T>
  ? (...args: Args) => T
  : never;

/** The methods that {@link defineTwins} makes of a table. */
export type Twins<Table> = { [Name in keyof Table]: Asynchronous<Table[Name]> } & {
  [Name in keyof Table & string as `${Name}Sync`]: Inline<Table[Name]>;
};

/** Puts both methods of each entry on a prototype; `rowOf` gives the algorithm of an instance. */
export function defineTwins<Instance extends object, Row>(
  prototype: Instance,
  rowOf: (instance: Instance) => Row,
  table: Record<string, Entry<Row>>,
): void {
  for (const [name, prepare] of Object.entries(table)) {
    const twins = {
      async [name](this: Instance, ...args: never[]) {
        return prepare(rowOf(this), ...args).run();
      },
      [`${name}Sync`](this: Instance, ...args: never[]) {
        return prepare(rowOf(this), ...args).runSync();
      },
    };
    for (const [twin, value] of Object.entries(twins)) {
      Object.defineProperty(prototype, twin, { value, writable: true, configurable: true });
    }
  }
}
