/** The unit of examples/, as systemd reads it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithPrograms } from '../support/requirements.js';

const NAME = 'pqsock-tunnel@.service';
const UNIT = join(__dirname, '../../examples/systemd', NAME);

describeWithPrograms(__filename, 'the unit of systemd', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pqsock-unit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const verify = (file: string) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}`.split('\n').filter((line) => line.includes(NAME)) };
  };

  it('has nothing that systemd does not know', () => {
    cpSync(UNIT, join(folder, NAME));
    expect(verify(join(folder, NAME))).toEqual({ status: 0, said: [] });
    writeFileSync(join(folder, NAME), readFileSync(UNIT, 'utf8').replace('UMask=', 'UMusk='));
    expect(verify(join(folder, NAME)).said).toEqual([expect.stringContaining('UMusk')]);
  });

  it('gives the tunnel little more than it needs', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', UNIT], { encoding: 'utf8' });
    const [, exposure] = /Overall exposure level for .*: (\d+\.\d) OK/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });

  it('lets V8 make code, reloads by SIGHUP, and waits longer than the tunnel drains', () => {
    const text = readFileSync(UNIT, 'utf8');
    expect(text).not.toMatch(/^MemoryDenyWriteExecute/m);
    expect(text).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThan(30);
  });
});
