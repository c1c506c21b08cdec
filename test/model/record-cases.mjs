// @ts-check
/** The searches over the record layer: as it is, and with a fault put into a copy of the built code. */

/**
 * @typedef {import('./record-side.mjs').Budget} Budget
 * @typedef {object} RecordCase
 * @property {string} name
 * @property {string} what
 * @property {{ client: Budget, server: Budget }} budgets
 * @property {{ client: Budget, server: Budget }} [short] the budgets of the short form, if they are others
 * @property {import('./opened-code.mjs').Change[]} [changes]
 * @property {RegExp} [breaks] what must be found to be wrong
 */

const REKEY = 'record/rekey.js';
const CHANNEL = 'record/hardened-channel.js';
const KEYS = 'record/traffic-keys.js';

/** @returns {Budget} */
const can = (data = 1, update = 1, rekey = 0) => ({ data, update, rekey });
const SMALL = { client: can(1, 1, 1), server: can(1, 1) };
const TWICE = { client: can(1, 0, 2), server: can(1, 0) };

/** @type {RecordCase} */
export const RECORDS = {
  name: 'records',
  what: 'each order of DATA, KEY_UPDATE, REKEY, CLOSE',
  budgets: { client: can(2, 2, 2), server: can(2, 1) },
  short: { client: can(1, 1, 2), server: can(1, 1) },
};

/** @type {RecordCase[]} */
export const FAULTY_RECORDS = [
  {
    name: 'server-switches-early',
    what: 'the server seals REKEY_RESP under the key that it announces',
    budgets: SMALL,
    changes: [
      {
        file: REKEY,
        from: "outbound.send('REKEY_RESP', ciphertext, out);\n        outbound.replace(server, out);",
        to: "outbound.replace(server, out);\n        outbound.send('REKEY_RESP', ciphertext, out);",
      },
    ],
    breaks: /does not open/,
  },
  {
    name: 'client-switches-early',
    what: 'the client seals REKEY_DONE under the key that it announces',
    budgets: SMALL,
    changes: [
      {
        file: REKEY,
        from: "outbound.send('REKEY_DONE', EMPTY, out);\n        outbound.replace(secrets.client, out);",
        to: "outbound.replace(secrets.client, out);\n        outbound.send('REKEY_DONE', EMPTY, out);",
      },
    ],
    breaks: /does not open/,
  },
  {
    name: 'done-after-close',
    what: 'the client sends REKEY_DONE after its CLOSE',
    budgets: SMALL,
    changes: [{ file: REKEY, from: 'if (closed()) {', to: 'if (false) {' }],
    breaks: /PQ_ERR_UNEXPECTED_MESSAGE|server: take/,
  },
  {
    name: 'answer-after-close',
    what: 'the server answers a REKEY_INIT that crossed its CLOSE',
    budgets: SMALL,
    changes: [{ file: REKEY, from: 'if (closed())\n            return;', to: '' }],
    breaks: /client: take/,
  },
  {
    name: 'late-answer-after-close',
    what: 'the server answers an old REKEY_INIT after its CLOSE',
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'if (!this.#parts.closed())\n            this.#answer', to: 'this.#answer' }],
    breaks: /client: take/,
  },
  {
    name: 'client-keeps-init',
    what: 'the client keeps its REKEY_INIT when CLOSE comes',
    budgets: SMALL,
    changes: [
      { file: REKEY, from: 'this.#asked = undefined;\n        this.#since = Number', to: 'this.#since = Number' },
    ],
    breaks: /left over/,
  },
  {
    name: 'server-keeps-secret',
    what: 'the server keeps c′ when CLOSE comes',
    budgets: SMALL,
    changes: [{ file: REKEY, from: 'this.#answered?.dispose();\n        this.#answered = undefined;', to: '' }],
    breaks: /left over/,
  },
  {
    name: 'server-keeps-init',
    what: 'the server answers an old REKEY_INIT after the CLOSE of the client',
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'peerClosed() {\n        this.#early = undefined;', to: 'peerClosed() {' }],
    breaks: /left over/,
  },
  {
    name: 'asks-twice',
    what: 'the client asks again before it was answered',
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'return this.#asked === undefined && now', to: 'return now' }],
    breaks: /keys from server to client differ/,
  },
  {
    name: 'answers-twice',
    what: 'the server answers one REKEY_INIT each time that it is woken',
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'this.#early = undefined;\n        if (!this', to: 'if (!this' }],
    breaks: /REKEY_RESP out of turn/,
  },
  {
    name: 'asks-after-close',
    what: "the client asks for a REKEY after the server's CLOSE",
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'this.#since = Number.POSITIVE_INFINITY;', to: '' }],
    breaks: /left over/,
  },
  {
    name: 'no-switch-at-done',
    what: 'the server goes on under the old key after REKEY_DONE',
    budgets: SMALL,
    changes: [{ file: REKEY, from: 'this.#parts.inbound.replace(secret, out);', to: '' }],
    breaks: /keys from client to server differ|does not open/,
  },
  {
    name: 'sequence-goes-on',
    what: 'the receiver does not begin at 0 again after KEY_UPDATE',
    budgets: SMALL,
    changes: [
      {
        file: 'record/inbound.js',
        from: 'this.#keys.update();',
        to: 'const before = this.#keys.sequence;\n        this.#keys.update();\n        this.#keys.#sequence = before;',
      },
    ],
    breaks: /differ|does not open/,
  },
  {
    name: 'one-secret',
    what: 'c′ and s′ of a REKEY are the same',
    budgets: SMALL,
    changes: [{ file: REKEY, from: "'c ap', context", to: "'s ap', context" }],
    breaks: /used twice/,
  },
  {
    name: 'rekey-from-old-secret',
    what: 'the server derives each REKEY from the first secret',
    budgets: TWICE,
    changes: [{ file: REKEY, from: 'const last = this.#secret ?? this.#master', to: 'const last = this.#master' }],
    breaks: /SECRET_DISPOSED|disposed/,
  },
  {
    name: 'no-close',
    what: 'CLOSE is taken, and nobody is told',
    budgets: SMALL,
    changes: [{ file: CHANNEL, from: 'out.end();', to: '' }],
    breaks: /not both have closed/,
  },
  {
    name: 'update-not-derived',
    what: 'KEY_UPDATE begins at 0 under the same secret',
    budgets: SMALL,
    changes: [
      {
        file: KEYS,
        from: "this.replace(expandLabel(this.#secret, 'upd', EMPTY, HASH_LENGTH));",
        to: 'this.#sequence = 0;',
      },
    ],
    breaks: /used twice/,
  },
];
