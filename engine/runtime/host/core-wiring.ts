import type { StreamEdge } from '../actor/definition.js';
import { Stage } from '../actor/stage.js';
import { pendingTimersOf } from '../actor/stage-state.js';
import { RuntimeSetupError } from '../arena/arena.js';
import { type PendingTimer, type Runnable, type StageOutput, stageRanks, type Topology } from '../topology/topology.js';
import type { Doorbell } from '../wait/doorbell.js';
import type { RestoredCore } from './restored-core.js';
import { Wiring, type WiringSpec } from './wiring.js';

/** The wiring of a thread that runs the sequencer or stages: it builds them too. */
export class CoreWiring extends Wiring {
  readonly topology: Topology;
  private readonly ranks: Map<string, number>;
  private readonly restored: RestoredCore | undefined;

  /** @param restored where the core goes on after a restart; absent: from its beginning */
  constructor(spec: WiringSpec, topology: Topology, restored?: RestoredCore) {
    super(spec);
    this.topology = topology;
    this.ranks = stageRanks(topology);
    this.restored = restored;
  }

  /** The sequencer or a stage, ready to run on this thread. */
  runnable(name: string, alone: boolean): Runnable {
    return name === this.topology.sequencer.name ? this.sequencer() : this.stage(name, alone);
  }

  private sequencer(): Runnable {
    const { sequencer, actors } = this.topology;
    const { restored } = this;
    const stages: StageOutput[] = [];
    for (const actor of actors) {
      if (actor.kind !== 'core') continue;
      const timers = actor.timers ?? 0;
      if (timers === 0 && !sequencer.lockStep) continue;
      stages.push({ rank: this.ranks.get(actor.name)!, timers, reader: this.reader(actor.writes, sequencer.name) });
    }
    return sequencer.create({
      name: sequencer.name,
      inputs: sequencer.reads.map((edge) => this.reader(edge, sequencer.name)),
      log: this.writer(sequencer.writes),
      stages,
      engineId: this.spec.engineId,
      clock: this.clock,
      board: this.board,
      actor: this.actorNumber(sequencer.name),
      ...(restored === undefined ? {} : { restored: { ...restored, timers: this.pendingTimers(restored) } }),
    });
  }

  /** The timers that the stages were waiting for, from what they remembered. */
  private pendingTimers({ states }: RestoredCore): PendingTimer[] {
    return this.topology.actors.flatMap((actor) => {
      const state = actor.kind === 'core' ? states.get(actor.name) : undefined;
      if (actor.kind !== 'core' || state === undefined) return [];
      return pendingTimersOf(state, actor.timers ?? 0).map((timer) => ({
        rank: this.ranks.get(actor.name)!,
        ...timer,
      }));
    });
  }

  private stage(name: string, alone: boolean): Stage {
    const definition = this.topology.actors.find((actor) => actor.name === name);
    if (definition?.kind !== 'core') throw new RuntimeSetupError(`there is no stage '${name}' in the topology`);
    const bells = this.bellsOf(definition.writes);
    const stage = new Stage({
      definition,
      rank: this.ranks.get(name)!,
      inputs: definition.reads.map((edge) => this.reader(edge as StreamEdge, name)),
      readsLog: definition.reads[0] === this.topology.sequencer.writes,
      output: this.writer(definition.writes),
      engineId: this.spec.engineId,
      ...(this.snapshots.has(name) ? { snapshots: this.snapshots.get(name)! } : {}),
      shown: (definition.shows ?? []).map((edge) => this.latestWriter(edge)),
      ...(alone ? { waitForRoom: () => ringAndYield(bells) } : {}),
      ...(this.spec.telemetry
        ? { telemetry: { clock: this.clock, board: this.board, actor: this.actorNumber(name) } }
        : {}),
    });
    const state = this.restored?.states.get(name);
    if (state !== undefined) stage.restore(state);
    return stage;
  }
}

/** A stage waits in the middle of an event: its readers must be awake to make room. */
function ringAndYield(bells: readonly Doorbell[]): void {
  for (const bell of bells) bell.ring();
  waitBriefly();
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Gives the CPU away for a moment, so that a reader on the same core can run. */
function waitBriefly(): void {
  Atomics.wait(nothing, 0, 0, 0.01);
}
