/** The figures of README.md are those that were recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { ratios } = JSON.parse(readFileSync(join(ROOT, 'bench/recorded.json'), 'utf8')) as {
  ratios: Record<string, number>;
};

it.each([
  ['CPU time of a server for a handshake', 'handshake/cpu/pqsock-1/tls-ecdsa'],
  ['data on one connection, to a client', 'bulk/rate/client-receives/1/pqsock/tls'],
  ['requests of 64 bytes on one connection', 'messages/rate/64/1/pqsock/tls'],
  ['a server’s memory for an idle connection', 'memory/idle/pqsock/tls-ecdsa'],
  ['time until a process is ready', 'start-up/ready/pqsock/tls'],
])('README.md has what was recorded of: %s', (what, ratio) => {
  const [, figure] = new RegExp(`^\\| ${what} .*\\| ([\\d.]+) \\|$`, 'm').exec(readme) ?? [];
  expect(figure).toBe(ratios[ratio]?.toFixed(2));
});
