// @ts-check
/**
 * Applies a unified diff to files in memory, exactly: every line number and every line of context
 * must be right. No fuzz, no offsets, no new, deleted or renamed files; a correction of cryptography
 * must land where it was reviewed or stop the build.
 */
import { SourceError } from './source-error.mjs';

/**
 * @param {Map<string, Buffer>} files contents by path; changed in place, and only if the whole patch
 *   applies
 * @param {string} name the patch's name, for errors
 * @param {string} text the patch: free text, then one or more file diffs with `a/` and `b/` paths
 */
export function applyPatch(files, name, text) {
  const patch = new PatchReader(name, text);
  patch.skipHeader();
  /** @type {Map<string, Buffer>} */
  const changed = new Map();
  while (!patch.atEnd()) {
    const path = patch.takePath();
    const before = files.get(path);
    if (!before) throw patch.fault(`${path} is not in the source`);
    if (changed.has(path)) throw patch.fault(`${path} comes twice`);
    changed.set(path, patchFile(patch, path, before));
  }
  for (const [path, bytes] of changed) files.set(path, bytes);
}

/**
 * @param {PatchReader} patch
 * @param {string} path
 * @param {Buffer} before
 */
function patchFile(patch, path, before) {
  // Latin-1 maps bytes to characters one to one, so bytes that no hunk names pass unchanged.
  const source = before.toString('latin1').split('\n');
  /** @type {string[]} */
  const result = [];
  let next = 0;
  do {
    const hunk = patch.takeHunk();
    if (hunk.oldStart - 1 < next) throw patch.fault(`${path}:${hunk.oldStart} overlaps a hunk`);
    result.push(...source.slice(next, hunk.oldStart - 1));
    next = hunk.oldStart - 1;
    if (result.length !== hunk.newStart - 1) {
      throw patch.fault(`${path}: the hunk's new line number is not ${result.length + 1}`);
    }
    for (const { sign, line } of hunk.lines) {
      if (sign === '+') {
        result.push(line);
        continue;
      }
      if (source[next] !== line) {
        const found = next < source.length ? JSON.stringify(source[next]) : 'the end of the file';
        throw patch.fault(`${path}:${next + 1}: expected ${JSON.stringify(line)}, found ${found}`);
      }
      if (sign === ' ') result.push(line);
      next += 1;
    }
  } while (patch.atHunk());
  result.push(...source.slice(next));
  return Buffer.from(result.join('\n'), 'latin1');
}

/** Takes a patch apart line by line; it knows nothing of the files that the patch is for. */
class PatchReader {
  /**
   * @param {string} name
   * @param {string} text
   */
  constructor(name, text) {
    this.name = name;
    this.lines = Buffer.from(text, 'utf8').toString('latin1').split('\n');
    if (this.lines.pop() !== '') throw this.fault('the last line has no line feed');
    this.position = 0;
  }

  /** @param {string} message */
  fault(message) {
    return new SourceError(
      `patch ${this.name} does not apply: ${message}`,
      'the patches fit the pinned liboqs only: restore deps/patches from git, or remake the patch',
    );
  }

  atEnd() {
    return this.position === this.lines.length;
  }

  atHunk() {
    return this.lines[this.position]?.startsWith('@@') ?? false;
  }

  skipHeader() {
    this.position = this.lines.findIndex((line) => line.startsWith('--- '));
    if (this.position < 0) throw this.fault('it has no diff');
  }

  take() {
    const line = this.lines[this.position];
    if (line === undefined) throw this.fault('it ends early');
    this.position += 1;
    return line;
  }

  takePath() {
    const [, from] = /^--- a\/(\S+)$/.exec(this.take()) ?? [];
    const [, to] = /^\+\+\+ b\/(\S+)$/.exec(this.lines[this.position] ?? '') ?? [];
    if (!from || from !== to) {
      throw this.fault(`its line ${this.position} does not begin a change of one file`);
    }
    this.position += 1;
    return from;
  }

  takeHunk() {
    const at = this.position + 1;
    const head = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@/.exec(this.take());
    if (!head) throw this.fault(`its line ${at} is not the head of a hunk`);
    const oldStart = Number(head[1]);
    const newStart = Number(head[3]);
    let left = Number(head[2]);
    let right = Number(head[4]);
    const lines = [];
    while (left > 0 || right > 0) {
      const text = this.take();
      const sign = text[0];
      if (sign !== ' ' && sign !== '-' && sign !== '+') {
        throw this.fault(`its line ${this.position} is not a line of a hunk`);
      }
      if (sign !== '+') left -= 1;
      if (sign !== '-') right -= 1;
      lines.push({ sign, line: text.slice(1) });
    }
    if (left < 0 || right < 0) throw this.fault(`the hunk at its line ${at} has a wrong count`);
    // Without context a hunk would be placed by its line number alone.
    if (!lines.some(({ sign }) => sign === ' ')) {
      throw this.fault(`the hunk at its line ${at} has no context`);
    }
    return { oldStart, newStart, lines };
  }
}
