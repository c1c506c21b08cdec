/** Calls an operation in both of its forms. */

/** How an operation is called: with its own name, or with that and `Sync`. */
export type Form = 'off the event loop' | 'inline';

/** Both forms, for `describe.each`. */
export const FORMS: readonly Form[] = ['off the event loop', 'inline'];

/** Calls an operation of a Kem or a Sig in one of its forms; what it throws becomes the promise's error. */
export async function call<T = unknown>(form: Form, target: object, name: string, ...args: unknown[]): Promise<T> {
  const method: unknown = Reflect.get(target, form === 'inline' ? `${name}Sync` : name);
  if (typeof method !== 'function') throw new Error(`there is no operation ${name}`);
  return (await method.apply(target, args)) as T;
}

/** The code of the error that the call is refused with; an error without a code as it is. */
export async function refusal(form: Form, target: object, name: string, ...args: unknown[]): Promise<unknown> {
  try {
    await call(form, target, name, ...args);
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return 'not refused';
}
