/** Names and values, one pair a line, the values one below the other. */

/** A row without a name goes on with the one before. */
export type Row = readonly [name: string, value: string];

export function alignedRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + GAP;
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('');
}

const GAP = 2;
