// @ts-check
/** The two processes of a tunnel, and what they use. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { encodeOrder } from '../connections/orders.mjs';
import { HOST, listen } from '../connections/transports/listen.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Conditions} Conditions
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 * @typedef {string[]} Command a program and its arguments
 */

/**
 * @typedef {object} Site where a tunnel is to be
 * @property {string} folder for its files; empty
 * @property {number} near the port at which the clients' end takes connections
 * @property {number} between at which the service's end does
 * @property {number} service
 * @property {Conditions} conditions
 */

/** @typedef {{ client: Command, server: Command }} Ends */

/**
 * @typedef {object} Tunnel
 * @property {number} port where it takes connections
 * @property {() => number} cpu seconds of CPU time that its processes have used
 * @property {() => void} end
 */

/** Milliseconds in which a new tunnel must have carried something. */
const PATIENCE = 20_000;

/** Whoever ends takes them along. @type {Set<ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts both ends, and has something carried.
 *
 * @param {string} title
 * @param {number} service its port
 * @param {Conditions} conditions
 * @param {(site: Site) => Ends | Promise<Ends>} commandsFor
 * @returns {Promise<Tunnel>}
 */
export async function startTwoEnds(title, service, conditions, commandsFor) {
  const folder = mkdtempSync(join(tmpdir(), 'pqsock-bench-'));
  const [near, between] = [await freePort(), await freePort()];
  const { client, server } = await commandsFor({ folder, near, between, service, conditions });
  const ends = [startEnd(title, server), startEnd(title, client)];
  const failed = Promise.race(ends.map(({ ended }) => ended));
  try {
    await Promise.race([carriesSomething(title, near), failed]);
  } finally {
    rmSync(folder, { recursive: true }); // they have read their files
  }
  return {
    port: near,
    cpu: () => ends.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
    end: () => {
      for (const { end } of ends) end();
    },
  };
}

/**
 * @param {string} title
 * @param {Command} command
 */
function startEnd(title, [program = '', ...args]) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: SYSTEM });
  running.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-4096);
  });
  /** @type {Promise<never>} */
  const ended = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => reject(new Error(`${title} ended (${signal ?? code})\n${said}`)));
  });
  ended.catch(() => {}).finally(() => running.delete(child)); // of interest only while it starts
  return { pid: child.pid ?? 0, ended, end: () => child.kill() };
}

/** Servers of Debian are where only root looks for programs. */
export const SYSTEM = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };

/**
 * @param {string} title
 * @param {number} port
 */
async function carriesSomething(title, port) {
  const end = performance.now() + PATIENCE;
  while (!(await carries(port))) {
    if (performance.now() > end) throw new Error(`${title} carries nothing`);
    await setTimeout(50);
  }
}

/**
 * Whether the service says its byte to who comes by that port.
 *
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function carries(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST }, () => socket.write(encodeOrder({ what: 'part' })));
    let heard = false;
    socket.on('data', () => {
      heard = true;
    });
    socket.on('error', () => {}); // 'close' comes after it
    socket.once('close', () => resolve(heard));
  });
}

/** One that nobody listens at; somebody might before we do, who would then be told by an error. */
async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** In which /proc counts CPU time. */
const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/**
 * Seconds of CPU time that a process has used: all its threads, also those that have ended, user and kernel (proc(5)).
 *
 * @param {number} pid
 */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a program's name may contain anything
  return (Number(fields[UTIME]) + Number(fields[UTIME + 1])) / TICKS_A_SECOND;
}

/** Of the fields behind the program's name. */
const UTIME = 11;
