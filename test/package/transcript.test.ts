/** What the tests of the documents read in a page, and what they notice when it is followed. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describeWithPrograms } from '../support/requirements.js';
import { Terminal } from '../support/terminal.js';
import { blocksNotRun, printed, stepsOf } from '../support/transcript.js';

const CURL_COULD_NOT_CONNECT = 7;

const fence = (language: string, ...lines: readonly string[]): string =>
  ['```'.concat(language), ...lines, '```', ''].join('\n');

describe('a page', () => {
  it('is commands with what they print, and files that they use', () => {
    const page = [fence('js', '// a.mjs', 'run()'), fence('sh', 'node a.mjs'), fence('text', 'ran'), fence('', 'x')];
    expect(stepsOf(page.join('\n'))).toEqual([
      { kind: 'file', line: 1, name: 'a.mjs', text: '// a.mjs\nrun()\n' },
      { kind: 'commands', line: 6, text: 'node a.mjs\n', prints: 'ran\n' },
    ]);
  });

  it.each([
    ['a program without a name', fence('js', 'run()'), /line 1: a program without/],
    ['a program that nothing runs', fence('js', '// a.mjs') + fence('sh', 'node b.mjs'), /nothing uses a\.mjs/],
    ['commands that are not said to be', fence('', 'npx pqsock info'), /commands that are not `sh`/],
    ['what no command prints', fence('text', 'ran'), /no commands that print it/],
  ])('is wrong with %s', (_, page, message) => expect(() => stepsOf(page)).toThrow(message));

  it('says of each block that is not run that it is not', () => {
    const excused = `<!-- not run: why -->\n${fence('sh', 'false')}`;
    expect(stepsOf(excused + excused)).toEqual([]);
    expect(blocksNotRun(excused + fence('sh', 'true') + excused)).toBe(2);
  });
});

describe('what a page says is printed', () => {
  it.each([
    ['one\ntwo\n', true],
    ['one \ntwo\n\n', true],
    ['one\ntwo\nthree\n', false],
    ['zero\none\ntwo\n', false],
    ['one\n', false],
  ])('is all of %j, or not', (output, is) => expect(printed('one\ntwo\n', false).test(output)).toBe(is));

  it.each([
    ['a\none\nb\ntwo\nc\n', true],
    ['two\none\n', false],
    ['one and\ntwo\n', false],
  ])('is among the lines of the background in %j, or not', (output, is) =>
    expect(printed('one\ntwo\n', true).test(output)).toBe(is),
  );

  it('leaves open what … stands for, in a line or for lines', () => {
    expect(printed('id …;\n…\nend', false).test('id 7;\n1\n2\nend\n')).toBe(true);
    expect(printed('id …;\n…\nend', false).test('id\n7;\nend\n')).toBe(false);
  });
});

describeWithPrograms(__filename, 'a reader’s terminal', () => {
  let terminal: Terminal;
  beforeEach(() => {
    terminal = new Terminal({});
  });
  afterEach(() => terminal.close());

  it('is a new folder, which is HOME and where files are put', async () => {
    await terminal.run('test "$HOME" = "$PWD"; ls', '');
    terminal.save('folder/file.txt', 'text\n');
    await terminal.run('cat folder/file.txt', 'text');
  });

  it('has no compiler', () => terminal.run('command -v cc c++ gcc g++ clang cmake make python3 || echo none', 'none'));

  it('does not reach what listens on this machine', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await terminal.run(`curl --silent http://127.0.0.1:${port} || echo $?`, `${CURL_COULD_NOT_CONNECT}`);
    server.close();
  });

  it('keeps what a command leaves in the shell', async () => {
    await terminal.run('NAME=value');
    await terminal.run('echo $NAME', 'value');
  });

  it('notices a command that fails, first or last', async () => {
    await expect(terminal.run('false\ntrue')).rejects.toThrow(/has failed:\nfalse/);
  });

  it('notices what is printed otherwise', async () => {
    await expect(terminal.run('echo one', 'two')).rejects.toThrow(/something else(.|\n)*wanted:\ntwo\nprinted:\none/);
  });

  it('waits for what comes from the background', async () => {
    await terminal.run("node -e 'setTimeout(() => console.log(1), 300)' &", '1');
  });
});
