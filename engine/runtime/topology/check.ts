import type { ActorDefinition, CoreDefinition, Edge, StreamEdge } from '../actor/definition.js';
import { burstBytes } from '../actor/stage.js';
import { RuntimeSetupError } from '../arena/arena.js';
import { streamBytes } from '../edge/create-stream.js';
import { HEADER_BYTES, recordStep } from '../edge/record.js';
import { stageRanks, type Topology } from './topology.js';

/** Refuses a topology that could lose, reorder, deadlock or send an unapproved order; before anything runs. */
export function checkTopology(topology: Topology): void {
  checkNames(topology);
  checkWriters(topology);
  checkRings(topology);
  checkCoreInputs(topology);
  checkBursts(topology);
  checkOrderPath(topology);
}

/** Refuses a core of which no snapshot can be taken: what asks for one is an event of the log. */
export function checkSnapshots({ sequencer, actors }: Topology): void {
  for (const actor of actors) {
    if (actor.kind === 'core' && actor.reads[0] !== sequencer.writes) {
      refuse(`stage '${actor.name}' does not read the log first, and so never hears when to leave a snapshot`);
    }
  }
}

function refuse(message: string): never {
  throw new RuntimeSetupError(`topology: ${message}`);
}

function checkNames({ sequencer, actors }: Topology): void {
  const seen = new Set([sequencer.name]);
  for (const { name } of actors) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) refuse(`'${name}' is no actor name; use lower-case words joined by hyphens`);
    if (seen.has(name)) refuse(`two actors are called '${name}'`);
    seen.add(name);
  }
}

function checkWriters({ sequencer, actors }: Topology): void {
  const writers = new Map<string, { edge: Edge; writer: string }>();
  const add = (edge: StreamEdge, writer: string): void => {
    const other = writers.get(edge.name);
    if (other !== undefined) refuse(`stream '${edge.name}' has two writers, '${other.writer}' and '${writer}'`);
    writers.set(edge.name, { edge, writer });
  };
  add(sequencer.writes, sequencer.name);
  for (const actor of actors) if (actor.writes !== undefined) add(actor.writes, actor.name);
  const check = (edge: Edge, reader: string): void => {
    if (edge.kind === 'stream' && writers.get(edge.name)?.edge !== edge) {
      refuse(`'${reader}' reads stream '${edge.name}', which nobody writes`);
    }
  };
  for (const edge of sequencer.reads) check(edge, sequencer.name);
  for (const actor of actors) for (const edge of actor.reads) check(edge, actor.name);
}

function checkRings({ sequencer, actors }: Topology): void {
  const edges = [sequencer.writes, ...actors.flatMap((actor) => (actor.writes === undefined ? [] : [actor.writes]))];
  for (const edge of edges) streamBytes({ ...edge, readers: 1, engineRun: 0 });
}

function checkCoreInputs(topology: Topology): void {
  const { sequencer, actors } = topology;
  const ranks = stageRanks(topology);
  const core = actors.filter((actor): actor is CoreDefinition => actor.kind === 'core');
  const rankOfEdge = new Map<string, number>([[sequencer.writes.name, 0]]);
  for (const stage of core) rankOfEdge.set(stage.writes.name, ranks.get(stage.name)!);
  for (const stage of core) {
    if (stage.reads.length === 0) refuse(`stage '${stage.name}' reads nothing`);
    let previous = -1;
    for (const edge of stage.reads) {
      if (edge.kind !== 'stream') {
        refuse(
          `stage '${stage.name}' reads '${edge.name}', a ${edge.kind} edge, which drops records: the core reads streams only`,
        );
      }
      const rank = rankOfEdge.get(edge.name);
      if (rank === undefined) {
        refuse(
          `stage '${stage.name}' reads '${edge.name}' of an I/O actor: what comes from outside reaches the core by the log only`,
        );
      }
      if (rank >= ranks.get(stage.name)!) {
        refuse(
          `stage '${stage.name}' reads '${edge.name}', which stands at or behind it: that is a cycle, feedback goes through the log`,
        );
      }
      if (rank <= previous)
        refuse(`stage '${stage.name}' must list its inputs in the order of their stages; '${edge.name}' is late`);
      previous = rank;
    }
    if ((stage.timers ?? 0) > 0 && stage.reads[0] !== sequencer.writes) {
      refuse(`stage '${stage.name}' has timers and must read the log, which brings them, first`);
    }
  }
}

function checkBursts({ actors }: Topology): void {
  for (const actor of actors) {
    if (actor.kind !== 'core') continue;
    // A wrap can waste less than one largest record beside the burst itself.
    const need = burstBytes(actor) + recordStep(HEADER_BYTES + actor.writes.maxBodyBytes);
    if (need > actor.writes.capacityBytes) {
      refuse(
        `stream '${actor.writes.name}' holds ${actor.writes.capacityBytes} bytes; one event can make '${actor.name}' write ${need}`,
      );
    }
  }
}

function checkOrderPath({ actors }: Topology): void {
  const writerOf = new Map<string, ActorDefinition>();
  for (const actor of actors) if (actor.writes !== undefined) writerOf.set(actor.writes.name, actor);
  for (const actor of actors) {
    if (actor.kind !== 'io' || actor.sendsOrders !== true) continue;
    const orders = actor.reads.filter((edge) => writerOf.get(edge.name)?.kind === 'core');
    if (orders.length === 0) refuse(`'${actor.name}' sends orders but reads none`);
    for (const edge of orders) {
      const writer = writerOf.get(edge.name);
      if (writer?.kind !== 'core' || writer.approvesOrders !== true) {
        refuse(`'${actor.name}' sends orders and reads '${edge.name}', which '${writer?.name}' writes: only risk may`);
      }
    }
  }
}
