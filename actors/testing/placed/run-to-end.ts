import { Engine } from '../../../engine/runtime/host/engine.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { LADDER } from '../../../engine/runtime/wait/wait-ladder.js';

export interface PlacedRun {
  /** Address of the module whose `topology` the threads call with the settings. */
  module: string;
  topology: Topology;
  settings: TopologySettings;
  /** What shares a compute thread, the sequencer included. */
  compute: readonly (readonly string[])[];
  /** I/O actors, each on a thread of its own. */
  io: readonly string[];
}

/** Runs a topology on exactly these threads until all that its inputs say is answered. @throws Error with what its threads complained of */
export async function runToEnd({ module, topology, settings, compute, io }: PlacedRun): Promise<void> {
  const failures: string[] = [];
  const engine = new Engine({
    topologyModule: module,
    topology,
    settings,
    placement: {
      threads: [
        ...compute.map((actors, index) => ({ name: `core-${index}`, kind: 'compute' as const, wait: LADDER, actors })),
        ...io.map((name) => ({ name, kind: 'io' as const, actors: [name] })),
      ],
    },
    engineRun: 1,
    engineId: 1,
    telemetry: false,
    supervised: false,
    onNote: (level, who, message) => {
      if (level === 'fatal' || level === 'error') failures.push(`${who}: ${message}`);
    },
  });
  await engine.start();
  await engine.drained();
  await engine.stop();
  if (failures.length > 0) throw new Error(failures.join('\n'));
}
