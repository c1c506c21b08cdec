// @ts-check
/**
 * Whether a branch or an address depends on a secret, by Valgrind's memcheck (Langley's ctgrind), and whether the
 * compiled code divides, which memcheck cannot see. What liboqs's own suppressions and public.supp name is public.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findSource } from '../../deps/find-source.mjs';
import { CODES, KEMS, LIBOQS, PROGRAMS, run, SIGS, SUITES } from './programs.mjs';
import { SideChannelError } from './side-channel-error.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const DEPS = join(HERE, '..', '..', 'deps');
const OWN_SUPPRESSIONS = join(HERE, 'public.supp');

const KEM_OPERATIONS = ['decapsulate', 'decapsulate-invalid', 'keypair', 'encapsulate'];
const SIG_OPERATIONS = ['sign', 'keypair', 'public-key'];
/** Whole turns of a handshake, with its transcript and its key schedule. */
const SUITE_OPERATIONS = ['answer', 'answer-jointly', 'offer', 'accept'];
/** Those of the short form: what an adversary can ask for again and again, with the same key. */
const SHORT_OPERATIONS = ['decapsulate-invalid', 'sign', 'answer'];
const PLANTED = ['branch', 'table'];

/** Memcheck's exit code if it has reported anything. */
const REPORTED = 9;
const VALGRIND = ['--tool=memcheck', '--quiet', `--error-exitcode=${REPORTED}`, '--max-stackframe=20480000'];

/** In x86-64's instructions; and in ARM's. */
const DIVISION = /\t(?:i?div[bwlq]?|v?div[sp][sd]|[su]div)\s/;

/**
 * @param {{ short: boolean, say: (line: string) => void }} options
 * @returns {Promise<boolean>} whether nothing was found but what was planted
 */
export async function constantTime({ short, say }) {
  for (const how of PLANTED) await requireFound(how);
  say(`a planted ${PLANTED.join(' and a planted ')} on a secret: found`);
  let clean = await dividesNowhere(say);
  for (const { name, number, of, operations } of subjects(short)) {
    const suppressions = await suppressionsOf(of);
    for (const { code, variables } of CODES) {
      for (const operation of operations) {
        const { reports, ran } = await memcheck([operation, number], suppressions, variables);
        if (ran !== code) throw otherCode(code, ran);
        clean &&= reports === '';
        say(`${operation} of ${name}, ${code} code: ${reports === '' ? 'nothing depends on a secret' : 'REPORTS'}`);
        if (reports !== '') say(reports);
      }
    }
  }
  return clean;
}

/** @param {boolean} short */
function subjects(short) {
  const chosen = (/** @type {string[]} */ all) => (short ? all.filter((one) => SHORT_OPERATIONS.includes(one)) : all);
  return [
    ...KEMS.map((kem) => ({ ...kem, of: [kem.name], operations: chosen(KEM_OPERATIONS) })),
    ...SIGS.map((sig) => ({ ...sig, of: [sig.name], operations: chosen(SIG_OPERATIONS) })),
    ...SUITES.map((suite) => ({ ...suite, operations: chosen(SUITE_OPERATIONS) })),
  ];
}

/** @param {string} how */
async function requireFound(how) {
  const { reports } = await memcheck(['planted', how], await suppressionsOf(['ML-KEM-1024']), {});
  if (!reports.includes('Planted')) {
    throw new SideChannelError(
      `memcheck does not find the planted ${how}: it would find nothing`,
      'see constant_time.cc',
    );
  }
}

/**
 * @param {string[]} args of the program
 * @param {string[]} suppressions paths
 * @param {Record<string, string>} variables
 * @returns {Promise<{ reports: string, ran: string }>} what memcheck says, and which code has run
 */
async function memcheck(args, suppressions, variables) {
  const files = suppressions.map((path) => `--suppressions=${path}`);
  const { code, stdout, stderr } = await run(
    'valgrind',
    [...VALGRIND, ...files, PROGRAMS.constantTime, ...args],
    variables,
  );
  if (code !== 0 && code !== REPORTED) {
    throw new SideChannelError(`valgrind ${args.join(' ')} ended with ${code}: ${stderr.trim()}`, 'see above');
  }
  return { reports: code === 0 ? '' : stderr, ran: stdout.trim() };
}

/**
 * The suppressions of liboqs's tests for algorithms, from its source, and ours. What liboqs lists as an issue is not
 * suppressed.
 *
 * @param {string[]} names
 */
async function suppressionsOf(names) {
  const { version } = JSON.parse(readFileSync(join(DEPS, 'liboqs.json'), 'utf8'));
  const { folder, how } = await findSource({ deps: DEPS, version, env: process.env, whole: true });
  const documented = join(folder, 'tests', 'constant_time');
  if (!existsSync(documented)) {
    throw new SideChannelError(`${how} has no tests/constant_time`, 'take the whole source, not a part of it');
  }
  const files = ['kem', 'sig'].flatMap((kind) => {
    const passes = JSON.parse(readFileSync(join(documented, kind, 'passes.json'), 'utf8'));
    return names.flatMap((name) => passes[name] ?? []).map((file) => join(documented, kind, 'passes', file));
  });
  return [OWN_SUPPRESSIONS, ...files];
}

/**
 * Memcheck does not know how long an instruction takes; a division takes longer for some values (KyberSlash).
 *
 * @param {(line: string) => void} say
 */
async function dividesNowhere(say) {
  if ((await divisions(PROGRAMS.timing)).length === 0) {
    throw new SideChannelError('the divisions of our own program are not seen', 'see DIVISION in constant-time.mjs');
  }
  const found = [...(await divisions(LIBOQS)), ...(await divisions(PROGRAMS.constantTime))];
  say(`divisions in liboqs and in our operations: ${found.length === 0 ? 'none' : found.join(', ')}`);
  return found.length === 0;
}

/**
 * @param {string} path
 * @returns {Promise<string[]>} the lines
 */
async function divisions(path) {
  const { code, stdout, stderr } = await run('objdump', ['-d', path]);
  if (code !== 0) throw new SideChannelError(`objdump ended with ${code}: ${stderr.trim()}`, 'install binutils');
  return stdout.split('\n').filter((line) => DIVISION.test(line));
}

/**
 * @param {string} wanted
 * @param {string} ran
 */
function otherCode(wanted, ran) {
  return new SideChannelError(`the ${ran} code has run in place of the ${wanted} code`, 'use an x86-64 with AVX2');
}
