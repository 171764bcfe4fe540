/** The engine of one placement, in a process of its own: pinning is for ever. */
import { Engine } from '../../../engine/runtime/host/engine.js';
import { autoPlacement, type Placement } from '../../../engine/runtime/topology/placement.js';
import { type SideSetup, serveRounds } from '../../rig/side.js';
import { type PlacementSettings, topology } from './topology.js';

export interface EngineSetup extends SideSetup {
  settings: PlacementSettings;
  /** As this machine's cores suggest; or the same threads wherever the kernel puts them. */
  pinned: boolean;
}

/** The only round there is: start. Answers with the placement in words. */
export type EngineRound = 'start';

function unpinned({ threads }: Placement): Placement {
  return { threads: threads.map(({ cpu: _, ...thread }) => thread) };
}

serveRounds<EngineSetup, EngineRound, string>(({ settings, pinned }) => async () => {
  const built = topology(settings);
  const auto = autoPlacement(built);
  const placement = pinned ? auto : unpinned(auto);
  const engine = new Engine({
    topologyModule: new URL('./topology.js', import.meta.url).href,
    topology: built,
    settings,
    placement,
    engineRun: 1,
    engineId: 1,
    onNote: (level, who, message) => {
      if (level === 'fatal') throw new Error(`placement: ${who}: ${message}`);
    },
  });
  await engine.start();
  return placement.threads.map(({ name, cpu }) => (cpu === undefined ? name : `${name} on CPU ${cpu}`)).join(', ');
});
