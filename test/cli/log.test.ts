/** The lines of the log. */
import { type LogFormat, type LogLevel, makeLog } from '../../lib/cli/log.js';

const TIME = '2030-01-02T03:04:05.678Z';

function logged(format: LogFormat, level: LogLevel): { lines: string[]; log: ReturnType<typeof makeLog> } {
  const lines: string[] = [];
  return { lines, log: makeLog({ format, level, write: (line) => lines.push(line), now: () => new Date(TIME) }) };
}

describe('the log', () => {
  it('has a line for people for each event', () => {
    const { lines, log } = logged('lines', 'info');
    log('info', 'connection open', { tunnel: 'db', from: '[::1]:5', peer: undefined, milliseconds: 12 });
    log('warn', 'draining');
    expect(lines).toEqual([
      `${TIME} info  connection open: tunnel=db from=[::1]:5 milliseconds=12\n`,
      `${TIME} warn  draining\n`,
    ]);
  });

  it('has an object for programs for each event', () => {
    const { lines, log } = logged('json', 'info');
    log('error', 'listening failed', { tunnel: 'db', code: 'EADDRINUSE', alert: undefined });
    expect(lines).toEqual([
      `{"time":"${TIME}","level":"error","event":"listening failed","tunnel":"db","code":"EADDRINUSE"}\n`,
    ]);
  });

  it.each<LogFormat>(['lines', 'json'])('puts nothing that somebody made up onto a terminal (%s)', (format) => {
    const { lines, log } = logged(format, 'info');
    log('warn', 'connection refused', { message: 'a\nb\x1b[2K\x07\x9b\u2028 "c"=d' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[ -~]*\n$/);
    expect(lines[0]).toContain(String.raw`"a\nb\u001b[2K\u0007\u009b\u2028 \"c\"=d"`);
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = logged('lines', 'warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level);
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['warn', 'error']);
  });
});
