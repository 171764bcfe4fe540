import { join, resolve } from 'node:path';
import { RISK_DEFAULTS } from '../../../actors/risk/risk.js';
import type { EngineSettings } from '../../../actors/topology.js';
import type { EngineRun } from '../../runtime/arena/run-folder.js';
import { packageVersion } from '../package-version.js';
import type { RunOptions } from './run-options.js';
import type { PeerSettings } from './run-peers.js';

/** Where gateways and everything beside them listen. */
export const HOST = '127.0.0.1';

/** What every gateway of a run is given beside its port. @param token by which the terminal's owner gives commands */
export function gatewaySettings(
  options: RunOptions,
  run: EngineRun | undefined,
  { risk }: EngineSettings['core'],
  token: string,
): PeerSettings['gateway'] {
  const profiles = profilesFolder(options, run);
  return {
    host: HOST,
    token,
    ...folder('folder', options.gateway),
    ...folder('log', options.log),
    ...(profiles === undefined ? {} : { profiles }),
    limits: { ...(risk?.limits ?? RISK_DEFAULTS.limits) },
    version: packageVersion(),
    assistant: { ...folder('journal', options.journal), ...folder('alerts', options.alerts) },
  };
}

/** Where gateways ask for profiles of the engine's threads; nowhere where there is no folder that both have. */
export function profilesFolder({ gateway }: RunOptions, run: EngineRun | undefined): string | undefined {
  if (gateway !== undefined && gateway !== false) return resolve(gateway, 'profiles');
  return run === undefined ? undefined : join(run.path, 'profiles');
}

/** A folder by its whole path, where one is wanted at all. */
function folder<Name extends string>(name: Name, path: string | false | undefined): { [key in Name]?: string } {
  return (path === undefined || path === false ? {} : { [name]: resolve(path) }) as { [key in Name]?: string };
}
