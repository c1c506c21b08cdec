// @ts-check
/**
 * Runs a command to its end or to a time limit, quietly. When the limit passes, or this process is
 * stopped, everything that the command started is stopped with it. It never asks for anything: stdin
 * is closed and nothing reaches the terminal.
 */
import { spawn } from 'node:child_process';

/**
 * @typedef {{ cwd: string, env: NodeJS.ProcessEnv, seconds: number }} CommandOptions
 * @typedef {{ stdout: string, failure: string | undefined }} CommandResult failure: why it did not
 *   end well, in a few words
 */

/**
 * @param {string} command a program on PATH
 * @param {string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { cwd, env, seconds }) {
  return new Promise((resolve) => {
    // A group of its own, so that git's and cargo's children can be stopped with them.
    const grouped = process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let stopped = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));

    /** @type {(signal: NodeJS.Signals) => void} */
    const stop = (signal) => {
      if (child.pid === undefined) return;
      if (!grouped) child.kill(signal);
      else signalGroup(child.pid, signal);
    };
    /** @type {NodeJS.Timeout | undefined} */
    let patience;
    const limit = setTimeout(() => {
      stopped = `${command} took longer than ${seconds} s`;
      // Asked first, so that git removes what it has half fetched.
      stop('SIGTERM');
      patience = setTimeout(() => stop('SIGKILL'), PATIENCE_MS);
    }, seconds * 1000);
    const release = forwardSignals(stop);
    /** @type {(failure: string | undefined) => void} */
    const finish = (failure) => {
      clearTimeout(limit);
      clearTimeout(patience);
      release();
      resolve({ stdout, failure });
    };
    child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      finish(error.code === 'ENOENT' ? `${command} is not on PATH` : error.message);
    });
    child.once('close', (code) => {
      if (stopped) finish(stopped);
      else finish(code === 0 ? undefined : complaint(stderr) || `${command} failed`);
    });
  });
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group ended by itself between the decision and the signal.
  }
}

/**
 * Ctrl-C does not reach the command's own group, so it is handed on; then this process ends as it
 * would have.
 *
 * @param {(signal: NodeJS.Signals) => void} stop
 * @returns {() => void} takes the handlers off again
 */
function forwardSignals(stop) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  /** @type {(signal: NodeJS.Signals) => void} */
  const handler = (signal) => {
    stop('SIGTERM');
    release();
    process.kill(process.pid, signal);
  };
  const release = () => {
    for (const signal of signals) process.off(signal, handler);
  };
  for (const signal of signals) process.on(signal, handler);
  return release;
}

/**
 * The first fault is the cause; what follows says what it led to.
 *
 * @param {string} text
 */
function complaint(text) {
  const lines = text.trim().split('\n');
  return (lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1))?.trim();
}

/** Between asking a command to end and ending it. */
const PATIENCE_MS = 5_000;
