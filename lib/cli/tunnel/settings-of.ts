/** Makes the settings of a tunnel of what was chosen, the keys read from their files. */
import { createServer, type SuiteName } from '../../index.js';
import { readIdentities } from '../identity-option.js';
import type { AskedPassphrases } from '../passphrase-option.js';
import { CliError, EXIT_CODES } from '../report.js';
import { trustOf } from '../trust-option.js';
import { parseEndpoint } from './endpoint.js';
import { routeOf } from './route.js';
import { errorFields, type TunnelLog } from './tunnel-log.js';
import type { TunnelChoices } from './tunnel-options.js';
import { DEFAULT_LIMITS, type TunnelSettings } from './tunnel-settings.js';

/**
 * @param log hears later of files that can't be used any more
 * @param asked for the passphrases of encrypted keys
 * @throws CliError, with a usage's exit code for what was chosen wrongly
 */
export async function settingsOf(
  choices: TunnelChoices,
  log: TunnelLog,
  asked: AskedPassphrases,
): Promise<TunnelSettings> {
  const { name = 'tunnel', suite } = choices;
  try {
    const route = routeOf(
      parseEndpoint(needed(choices, 'listen'), 'listen'),
      parseEndpoint(needed(choices, 'to'), 'to'),
    );
    const broken = (error: Error) =>
      log('error', 'nobody is trusted any more', { tunnel: name, ...errorFields(error) });
    const { policy: trust, isStillTrusted } = trustOf({ role: route.role, tunnel: name }, choices, broken);
    const identity = await readIdentities(choices, asked);
    const credentials = { identity, trust, suites: suite as [SuiteName] | undefined };
    createServer(credentials); // also a client's: it checks them all, and there is nothing to be closed
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

/** Which tunnel it is about; a mistake in an option of the package is one of who has chosen it. */
function named(name: string, error: unknown): unknown {
  const { message, code } = error as { message: string; code?: string };
  if (error instanceof CliError) return new CliError(`${name}: ${message}`, error.hint, error.exitCode);
  if (code !== 'PQ_ERR_INVALID_OPTION') return error;
  return new CliError(`${name}: ${message}`, 'see pqsock tunnel --help', EXIT_CODES.usage);
}
