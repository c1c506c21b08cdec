/** What to tell somebody whose peer speaks another protocol. */

/** A remark for an error, if the peer's first bytes are text; else nothing. */
export function textHint(header: Uint8Array): string {
  const text = String.fromCharCode(...header);
  return /^[\x20-\x7e\r\n]{4}$/.test(text) ? ` (its first bytes are ${JSON.stringify(text)}: another protocol?)` : '';
}
