// @ts-check
/** An error that the reader can do something about. */

export class SideChannelError extends Error {
  /**
   * @param {string} message
   * @param {string} hint what to do
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}
