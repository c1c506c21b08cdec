/** What a page of the documents tells its reader to do, in its order. */

/** One fenced block. */
export type Step =
  /** Its first line is a comment with the file's name. */
  | { readonly kind: 'file'; readonly line: number; readonly name: string; readonly text: string }
  /** Commands, and what the page says that they print. */
  | { readonly kind: 'commands'; readonly line: number; readonly text: string; readonly prints: string | undefined };

/** A comment, a fence with its language, and what is in it. */
const BLOCK = /^(<!-- not run: [^\n]+ -->\n)?```(\w*)\n(.*?)^```$/gms;
const NAME = /^(?:\/\/|#) ([\w./-]+\.\w+)\n/;
const PROGRAMS = ['js', 'ts', 'mjs', 'javascript', 'typescript'];
const COMMANDS = ['sh', 'bash', 'shell', 'console'];
const LIKE_COMMANDS = /^(\$ )?(npm|npx|node|pqsock|psql|redis-cli|curl) /m;

/**
 * Of the languages, `sh` is commands, `text` what the commands right before it print, and all others are files if they
 * have a name.
 *
 * @throws Error if the page has a program without a name, or one that no command uses, or commands by another name
 */
export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  for (const { 1: excuse, 2: language = '', 3: text = '', index } of page.matchAll(BLOCK)) {
    const line = page.slice(0, index).split('\n').length;
    const name = NAME.exec(text)?.[1];
    const last = steps.at(-1);
    if (excuse !== undefined) continue;
    if (COMMANDS.includes(language)) steps.push({ kind: 'commands', line, text, prints: undefined });
    else if (language === 'text') {
      if (last?.kind !== 'commands') throw new Error(`line ${line}: no commands that print it`);
      steps[steps.length - 1] = { ...last, prints: text };
    } else if (name !== undefined) steps.push({ kind: 'file', line, name, text });
    else if (PROGRAMS.includes(language)) throw new Error(`line ${line}: a program without \`// name.mjs\``);
    else if (LIKE_COMMANDS.test(text)) throw new Error(`line ${line}: commands that are not \`sh\``);
  }
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'commands') continue;
    const isUsed = steps.slice(at + 1).some(({ text }) => text.includes(step.name));
    if (!isUsed) throw new Error(`line ${step.line}: nothing uses ${step.name}`);
  }
  return steps;
}

/** The blocks of a page behind `<!-- not run: reason -->`. */
export function blocksNotRun(page: string): number {
  return [...page.matchAll(BLOCK)].filter(([, excuse]) => excuse !== undefined).length;
}

/**
 * What the text of a page stands for: `…` is any characters of a line, or, alone, any lines; spaces at the ends of lines
 * don't count.
 *
 * @param among other lines may stand between those of the text: those of programs in the background
 */
export function printed(text: string, among: boolean): RegExp {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '…' ? ANY_LINES : `${escaped(line.trimEnd()).replaceAll('…', '.*')} *\n`));
  return among ? new RegExp(`^${lines.join(ANY_LINES)}`, 'm') : new RegExp(`^${lines.join('')}\n*$`);
}

const ANY_LINES = '(?:.*\n)*?';

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
