// @ts-check
/** TypeScript to JavaScript, with a counter at the start of each block, branch and arm, so that the fuzzer sees them. */
import { parseSync, transformSync } from '@swc/core';

/** The nodes of swc's tree, as far as they matter here. @typedef {{ type: string, [member: string]: any }} Node */

const SPAN = { start: 0, end: 0, ctxt: 0 };

/** Counts the blocks of all files. */
export class Instrument {
  blocks = 0;

  /**
   * @param {string} source
   * @param {string} filename
   * @param {boolean} counted whether it gets counters
   */
  transform(source, filename, counted) {
    const jsc = { parser: { syntax: /** @type {const} */ ('typescript') }, target: /** @type {const} */ ('es2022') };
    if (!counted) return transformSync(source, { jsc, filename, sourceMaps: 'inline' }).code;
    const program = parseSync(source, { ...jsc.parser, target: jsc.target });
    this.#visit(/** @type {any} */ (program));
    return transformSync(program, { jsc, filename }).code;
  }

  /** @param {any} node */
  #visit(node) {
    if (typeof node !== 'object' || node === null) return;
    for (const member of Object.values(node)) this.#visit(member);
    if (Array.isArray(node)) return;
    if (isBlock(node)) node.stmts.unshift(this.#statement());
    if (node.type === 'SwitchCase' && node.consequent.length > 0) node.consequent.unshift(this.#statement());
    if (node.type === 'ConditionalExpression')
      for (const arm of ['consequent', 'alternate']) this.#expression(node, arm);
    if (node.type === 'BinaryExpression' && ['&&', '||', '??'].includes(node.operator)) this.#expression(node, 'right');
    if (node.type === 'ArrowFunctionExpression' && !isBlock(node.body)) this.#expression(node, 'body');
    for (const body of BODIES[node.type] ?? []) {
      if (node[body] && !isBlock(node[body])) node[body] = block([this.#statement(), node[body]]);
    }
  }

  #statement() {
    return { type: 'ExpressionStatement', span: SPAN, expression: this.#count() };
  }

  /**
   * @param {Node} node
   * @param {string} member
   */
  #expression(node, member) {
    const sequence = { type: 'SequenceExpression', span: SPAN, expressions: [this.#count(), node[member]] };
    node[member] = { type: 'ParenthesisExpression', span: SPAN, expression: sequence };
  }

  /** `blocksRun[n]++` */
  #count() {
    const value = this.blocks;
    this.blocks += 1;
    const object = { type: 'Identifier', span: SPAN, ctxt: 0, value: 'blocksRun', optional: false };
    const property = {
      type: 'Computed',
      span: SPAN,
      expression: { type: 'NumericLiteral', span: SPAN, value, raw: `${value}` },
    };
    const argument = { type: 'MemberExpression', span: SPAN, object, property };
    return { type: 'UpdateExpression', span: SPAN, operator: '++', prefix: false, argument };
  }
}

/** Where a statement can stand that is no block. @type {Record<string, string[]>} */
const BODIES = {
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['body'],
  ForOfStatement: ['body'],
  ForInStatement: ['body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
};

/** The body of a function has no type in this tree. @param {any} node */
function isBlock(node) {
  return Array.isArray(node.stmts);
}

/** @param {Node[]} stmts */
function block(stmts) {
  return { type: 'BlockStatement', span: SPAN, ctxt: 0, stmts };
}
