/** A real ssh session through two tunnels, each in a process of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { freePort } from '../support/free-port.js';
import { describeWithPrograms } from '../support/requirements.js';
import { TemporaryServer } from '../support/temporary-server.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

const LONG = 30_000;

/** One of our own, for ourselves, with keys of its own. */
function startSshd(port: number): Promise<TemporaryServer> {
  return TemporaryServer.start({
    command: (folder) => {
      if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true }); // it insists, as root
      for (const key of ['host', 'client']) {
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
      }
      const options = {
        ListenAddress: `127.0.0.1:${port}`,
        HostKey: join(folder, 'host'),
        AuthorizedKeysFile: join(folder, 'client.pub'),
        PidFile: 'none',
        PermitRootLogin: 'prohibit-password',
        PasswordAuthentication: 'no',
        StrictModes: 'no',
        UsePAM: 'no',
      };
      const lines = Object.entries(options).map(([name, value]) => `${name} ${value}\n`);
      writeFileSync(join(folder, 'sshd_config'), lines.join(''));
      return ['env', '--default-signal', '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')];
    },
    ready: /Server listening on/,
  });
}

describeWithPrograms(__filename, 'ssh through a tunnel', () => {
  let sshd: TemporaryServer | undefined;
  let tunnels: TunnelCommands | undefined;
  beforeAll(async () => {
    const port = await freePort();
    sshd = await startSshd(port);
    tunnels = await TunnelCommands.start(`tcp://127.0.0.1:${port}`);
  }, LONG);
  afterAll(async () => {
    await tunnels?.close();
    await sshd?.close();
  });

  /** A session that knows the server's key beforehand. */
  function session(...command: readonly string[]) {
    const [folder, port] = [sshd?.folder ?? '', tunnels?.port];
    const known = join(tunnels?.folder ?? '', 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`, 'IdentitiesOnly=yes'];
    const args = ['-F', 'none', ...options.flatMap((option) => ['-o', option]), '-i', join(folder, 'client')];
    return spawn('ssh', [...args, '-p', String(port), `${userInfo().username}@127.0.0.1`, ...command]);
  }

  it('runs a command, and brings its output, its errors and its exit code', async () => {
    const ssh = session('echo out; echo err >&2; exit 7');
    const [out, err, [code]] = await Promise.all([buffer(ssh.stdout), buffer(ssh.stderr), once(ssh, 'close')]);
    expect([String(out), String(err), code]).toEqual(['out\n', 'err\n', 7]);
  });

  it('carries 8 MiB to a command and back, and the end of what it is told', async () => {
    const data = randomBytes(2 ** 23);
    const ssh = session('cat');
    ssh.stdin.end(data);
    const [back, [code]] = await Promise.all([buffer(ssh.stdout), once(ssh, 'close')]);
    expect([back.equals(data), code]).toEqual([true, 0]);
  });
});
