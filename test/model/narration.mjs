// @ts-check
/** An attack, told: from the states that Maude printed. */

/** @typedef {{ name: string, of: Term[] }} Term `of` is empty for a name or a number; `list` is several terms */

/** What is wrong, for each property. */
const PROPERTIES = {
  secrecy: 'the attacker has the secret of two honest sides',
  'agreement-of-client': 'the client is open, and its peer has no session in which the same was seen',
  'agreement-of-server': 'the server is open, and its peer has no session that is open and in which the same was seen',
  injectivity: "two sessions are open with the same values of one session of their peer's",
  possession: 'a side is open with the attacker, who does not know its keys',
  'unknown-key-share': 'two open sessions have the same keys, and do not talk to each other',
  downgrade: 'two honest sides that both prefer the strong suite are open under the weak one',
  'two-directions': 'a side seals and opens with the same key: it takes its own records',
};

/**
 * A line for each thing that happens.
 *
 * @param {readonly string[]} states as Maude prints them
 * @param {keyof typeof PROPERTIES} property
 * @param {readonly string[]} has what was changed in the protocol
 * @returns {string[]}
 */
export function narrate(states, property, has) {
  const read = states.map((state) => parse(state));
  const steps = read.slice(1).flatMap((state, i) => differences(/** @type {Term} */ (read[i]), state, has));
  return [...steps, `wrong (${property}): ${PROPERTIES[property]}`];
}

/**
 * @param {Term} before
 * @param {Term} after
 * @param {readonly string[]} has
 */
function differences(before, after, has) {
  const [old, sessions] = [listOf(before.of[0]), listOf(after.of[0])];
  const lines = sessions.flatMap((session) => {
    const was = old.find(({ of }) => nameOf(of[0]) === nameOf(session.of[0]));
    const stage = nameOf(was?.of[2]);
    if (stage === nameOf(session.of[2])) return [];
    return session.name === 'client' ? clientSteps(session, has) : serverSteps(stage, session, has);
  });
  const known = listOf(before.of[1]).map(nameOf);
  const stolen = listOf(after.of[1]).filter((term) => !known.includes(nameOf(term)));
  lines.push(...stolen.map((term) => `the attacker steals ${nameOf(term)}`));
  // What a server does in the same step follows from the client's.
  return lines.sort((a, b) => Number(a.startsWith('server')) - Number(b.startsWith('server')));
}

/**
 * What a client's session has done at last.
 *
 * @param {Term} session
 * @param {readonly string[]} has
 */
function clientSteps(session, has) {
  const [number, owner, stage, seen] = session.of;
  const [ns, offer, pkS, suite, nc, , kemPk] = within(seen, 'tck').of.map(nameOf);
  const who = `client ${nameOf(number)} (${nameOf(owner)})`;
  if (nameOf(stage) === 'sent') {
    const [offered, chosen] = offer === 's' ? ['', ''] : [`, ${OFFERS[offer ?? '']}`, `, the ${suite} suite`];
    return [`${who} gets a ServerHello (${ns}, key of ${pkS}${offered}). It sends ${nc}, ${kemPk}${chosen} and sig_c`];
  }
  const ct = nameOf(within(seen, 'tsk').of[2]);
  const mac = has.includes('no-mac-s') ? '' : ', mac_s';
  return [`${who} gets ${ct}, ${signature(within(seen, 'tsa').of[1])}${mac}. ${openWith(session, pkS)}`];
}

/**
 * What a server's session has done since it was in a stage.
 *
 * @param {string} was
 * @param {Term} session
 * @param {readonly string[]} has
 */
function serverSteps(was, session, has) {
  const [number, owner, stage, seen] = session.of;
  const [ns, offer, , suite, nc, pkC, kemPk] = within(seen, 'tck').of.map(nameOf);
  const [, sigC, ct] = within(seen, 'tsk').of;
  const who = `server ${nameOf(number)} (${nameOf(owner)})`;
  const chosen = offer === 's' ? '' : `, the ${suite} suite`;
  const hello = `${who}, which has sent ${ns}, gets a ClientHello (${nc}, key of ${pkC}${chosen}), ${kemPk}`;
  const replied = `${hello}, ${signature(sigC)}. It sends ${nameOf(ct)}, sig_s and mac_s`;
  const opened = `${who}${has.includes('no-mac-c') ? ':' : ' gets mac_c.'} ${openWith(session, pkC)}`;
  return [...(was === 'idle' ? [replied] : []), ...(nameOf(stage) === 'open' ? [opened] : [])];
}

/**
 * @param {Term} session
 * @param {string | undefined} peer
 */
function openWith(session, peer) {
  return `It is open, with ${peer}${nameOf(session.of[5]) === 'true' ? '' : ', whose key the attacker has'}`;
}

const OFFERS = /** @type {Record<string, string>} */ ({
  sw: 'both suites',
  s: 'the strong suite',
  w: 'the weak suite',
});

/** @param {Term | undefined} sig */
function signature(sig) {
  const [signer, label, , random] = sig?.of ?? [];
  const as = `of ${nameOf(signer)} (${nameOf(label)})`;
  if (random?.name === 'other') return `a signature ${as} that was changed into another`;
  if (random?.name === 'nE') return `a signature ${as} that the attacker made`;
  return `the signature ${as} that session ${nameOf(random?.of[0])} made`;
}

/**
 * The innermost part of a transcript that has a name.
 *
 * @param {Term | undefined} transcript
 * @param {string} name
 * @returns {Term}
 */
function within(transcript, name) {
  if (transcript === undefined) throw new Error(`there is no ${name} in what a session has seen`);
  return transcript.name === name ? transcript : within(transcript.of[0], name);
}

/**
 * A short name for a term.
 *
 * @param {Term | undefined} term
 * @returns {string}
 */
function nameOf(term) {
  if (term === undefined) return 'nothing';
  const [one, two] = term.of.map(nameOf);
  if (term.name === 'n') return `random-${one}`;
  if (term.name === 'k') return `kem_pk-${one}`;
  if (term.name === 'fresh') return `secret-${one}`;
  if (term.name === 'enc') return `a kem_ct (to ${term.of[0]?.name === 'kE' ? 'everybody' : one}, of ${two})`;
  if (term.name === 'sk') return `the signature key of ${one}`;
  if (term.name === 'ksk') return `kem_sk of client ${one}`;
  if (term.name in OF_THE_ATTACKER) return /** @type {Record<string, string>} */ (OF_THE_ATTACKER)[term.name] ?? '';
  return term.of.length === 0 ? term.name.replace("'", '') : `${term.name}(${term.of.map(nameOf).join(', ')})`;
}

const OF_THE_ATTACKER = {
  nE: 'a random of the attacker',
  kE: 'a kem_pk of the attacker',
  vE: 'a secret of the attacker',
  junk: 'a kem_ct of noise',
};

/** @param {Term | undefined} term */
function listOf(term) {
  if (term === undefined || term.name === 'none' || term.name === 'nobody') return [];
  return term.name === 'list' ? term.of : [term];
}

/**
 * Reads `name(term, term)`, and several terms with spaces or semicolons between them.
 *
 * @param {string} text
 * @returns {Term}
 */
function parse(text) {
  const tokens = text.match(/[\w'-]+|[(),]/g) ?? [];
  let at = 0;
  /** @returns {Term} */
  function several() {
    /** @type {Term[]} */
    const terms = [];
    while (at < tokens.length && tokens[at] !== ',' && tokens[at] !== ')') terms.push(one());
    return terms.length === 1 ? /** @type {Term} */ (terms[0]) : { name: 'list', of: terms };
  }
  /** @returns {Term} */
  function one() {
    const term = { name: tokens[at] ?? '', of: /** @type {Term[]} */ ([]) };
    at += 1;
    if (tokens[at] !== '(') return term;
    do {
      at += 1;
      term.of.push(several());
    } while (tokens[at] === ',');
    at += 1;
    return term;
  }
  return several();
}
