// @ts-check
/**
 * An error of the build with its remedy. The message is one line that says what is wrong; the hint
 * says what to do. Never thrown for a mistake in this code itself.
 */
export class SourceError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.name = 'SourceError';
    this.hint = hint;
  }
}
