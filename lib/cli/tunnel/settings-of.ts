/** Makes the settings of a tunnel of what was chosen, the keys read from their files. */
import { credentialsOf } from '../credentials.js';
import { parseEndpoint } from '../endpoint.js';
import { errorFields, type Log } from '../log.js';
import type { KeptPassphrases } from '../passphrase-option.js';
import { CliError, EXIT_CODES } from '../report.js';
import { routeOf } from './route.js';
import type { TunnelChoices } from './tunnel-options.js';
import { DEFAULT_LIMITS, type TunnelSettings } from './tunnel-settings.js';

/**
 * @param log hears later of files that can't be used any more
 * @param kept has passphrases of encrypted keys
 * @throws CliError, with a usage's exit code for what was chosen wrongly
 */
export async function settingsOf(choices: TunnelChoices, log: Log, kept: KeptPassphrases): Promise<TunnelSettings> {
  const { name = 'tunnel' } = choices;
  try {
    const route = routeOf(
      parseEndpoint(needed(choices, 'listen'), 'listen'),
      parseEndpoint(needed(choices, 'to'), 'to'),
    );
    const broken = (error: Error) =>
      log('error', 'nobody is trusted any more', { tunnel: name, ...errorFields(error) });
    const side = { role: route.role, tunnel: name };
    const { credentials, isStillTrusted } = await credentialsOf(side, choices, broken, kept);
    return {
      name,
      route,
      credentials,
      isStillTrusted,
      limits: {
        maxConnections: choices['max-connections'] ?? DEFAULT_LIMITS.maxConnections,
        maxPendingPerAddress: choices['max-pending-per-address'] ?? DEFAULT_LIMITS.maxPendingPerAddress,
        idleTimeout: milliseconds(choices['idle-timeout']) ?? DEFAULT_LIMITS.idleTimeout,
        handshakeTimeout: milliseconds(choices['handshake-timeout']) ?? DEFAULT_LIMITS.handshakeTimeout,
        dialTimeout: milliseconds(choices['dial-timeout']) ?? DEFAULT_LIMITS.dialTimeout,
      },
      acceptProxy: choices['accept-proxy'] ?? false,
      sendProxy: choices['send-proxy'] ?? false,
    };
  } catch (error) {
    throw named(name, error);
  }
}

function needed(choices: TunnelChoices, name: 'listen' | 'to'): string {
  const value = choices[name];
  if (value !== undefined) return value;
  throw new CliError(`${name} is missing`, 'say where connections come in, and where they go on to', EXIT_CODES.usage);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(1000 * seconds);
}

/** Which tunnel it is about; a file's error has the file's name. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  return new CliError(`${name}: ${error.message}`, error.hint, error.exitCode);
}
