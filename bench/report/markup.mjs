// @ts-check
/** Markup as template literals: whatever is put into one is escaped, unless it is markup itself. */

export class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @typedef {string | number | Markup | Part[]} Part */

/**
 * @param {TemplateStringsArray} literals
 * @param {Part[]} parts
 */
export function markup(literals, ...parts) {
  return new Markup(String.raw({ raw: literals }, ...parts.map(render)));
}

/**
 * @param {Part} part
 * @returns {string}
 */
function render(part) {
  if (Array.isArray(part)) return part.map(render).join('');
  if (part instanceof Markup) return part.text;
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
