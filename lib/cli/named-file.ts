/** Reads or writes a file that was named on the command line. */
import { CliError, EXIT_CODES } from './report.js';

/** @throws CliError in place of an error of the system; others as they are */
export async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  return rephrased(read, (code) => [`${file} can't be read: ${code}`, 'name a file that exists and that you may read']);
}

/** @throws CliError in place of an error of the system; others as they are */
export async function writable<T>(file: string, write: () => Promise<T>): Promise<T> {
  return rephrased(write, (code) => [
    `${file} can't be written: ${code}`,
    'name a file in a folder that you may write',
  ]);
}

async function rephrased<T>(action: () => Promise<T>, say: (code: string) => [string, string]): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CliError(...say(String(code)), EXIT_CODES.file);
  }
}
