// @ts-check
/** Tables of text. */

/**
 * The first column is text, and so is every one whose header begins with a blank; the rest are figures.
 *
 * @param {string} title
 * @param {string[]} header
 * @param {string[][]} rows
 */
export function formatTable(title, header, rows) {
  const widths = header.map((name, column) => Math.max(...[name, ...rows.map((row) => row[column] ?? '')].map(width)));
  const isText = header.map((name, column) => column === 0 || name.startsWith(' '));
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, column) => {
        const blank = ' '.repeat((widths[column] ?? 0) - width(cell));
        return isText[column] ? cell + blank : blank + cell;
      })
      .join('  ')
      .trimEnd();
  return [title, '', line(header), line(widths.map((n) => '-'.repeat(n))), ...rows.map(line), ''].join('\n');
}

/** @param {string} text */
function width(text) {
  return [...text].length;
}
