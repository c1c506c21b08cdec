/** What an operation comes to, so that a result and an error can be compared with what a vector demands. */

/** The result, or the code of the error. What has no code is thrown on: it is a defect of the test. */
export function outcomeOf<T>(operation: () => T): T | string {
  try {
    return operation();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string') throw error;
    return code;
  }
}
