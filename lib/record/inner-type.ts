/** What a record can hold. The type is the last byte of its plaintext that isn't zero. PROTOCOL.md, "Records". */

export const INNER_TYPES = {
  DATA: 0x01,
  CLOSE: 0x02,
  ALERT: 0x03,
  KEY_UPDATE: 0x04,
  TICKET: 0x05,
  REKEY_INIT: 0x06,
  REKEY_RESP: 0x07,
  REKEY_DONE: 0x08,
} as const;

export type InnerType = keyof typeof INNER_TYPES;

const NAMES = new Map(Object.entries(INNER_TYPES).map(([name, type]) => [type as number, name as InnerType]));

/** The name of a type, if there is one. */
export function innerTypeOf(byte: number): InnerType | undefined {
  return NAMES.get(byte);
}
