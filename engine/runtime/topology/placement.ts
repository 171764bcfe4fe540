import { availableParallelism } from 'node:os';
import type { IoDefinition } from '../actor/definition.js';
import { RuntimeSetupError } from '../arena/arena.js';
import { libc } from '../native/libc.js';
import { LADDER, SPIN, SPIN_THEN_SLEEP, type WaitPolicy } from '../wait/wait-ladder.js';
import { runnableNames, type Topology } from './topology.js';

/** One thread: what runs on it, where, and how it waits. Data, not code. */
export interface ThreadPlacement {
  name: string;
  /** A compute thread runs a blocking duty cycle; an I/O thread owns sockets and belongs to libuv. */
  kind: 'compute' | 'io';
  /** CPU to pin it to; absent: wherever the kernel likes. */
  cpu?: number;
  /** Of compute threads. I/O threads sleep in epoll. */
  wait?: WaitPolicy;
  /**
   * Runs before everything that is not real-time, where the kernel allows it (see `volfilter doctor`). Only for a CPU that nothing of ours but
   * such threads is to use: what is not real-time would hardly run there.
   */
  realtime?: boolean;
  /** Nice value 0 to 19, for work that may be late. */
  nice?: number;
  /** The nice value holds only from when its actor says so. */
  eagerAtFirst?: boolean;
  /** Names of actors; in a duty cycle they run in this order. */
  actors: readonly string[];
}

export interface Placement {
  threads: readonly ThreadPlacement[];
  /** CPU of the main thread, the killer, the gateways and other processes of ours; absent: anywhere. */
  housekeepingCpu?: number;
}

/** CPUs that this process may use. */
export function usableCpus(): number[] {
  const allowed = libc()?.allowedCpus() ?? [];
  return allowed.length > 0 ? allowed : Array.from({ length: availableParallelism() }, (_, cpu) => cpu);
}

/**
 * Places a topology on the CPUs at hand.
 *
 * With cores enough every stage has one of its own and spins. Otherwise the whole core shares one thread, where a hop is
 * nearly a function call, alone on the last CPU; everything with sockets or files sleeps on the first. More spinning
 * threads than cores would be thousands of times slower than sharing.
 */
export function autoPlacement(topology: Topology, cpus: readonly number[] = usableCpus()): Placement {
  const core = [
    topology.sequencer.name,
    ...topology.actors.filter(({ kind }) => kind === 'core').map(({ name }) => name),
  ];
  const io = topology.actors.filter((actor): actor is IoDefinition => actor.kind === 'io');
  const first = cpus[0]!;
  const ioThreads = (ofCpu: (index: number) => number): ThreadPlacement[] =>
    io.map(({ name, nice, eagerAtFirst }, index) => ({
      name,
      kind: 'io',
      cpu: ofCpu(index),
      ...(nice === undefined ? {} : { nice }),
      ...(eagerAtFirst === undefined ? {} : { eagerAtFirst }),
      actors: [name],
    }));

  if (cpus.length >= core.length + io.length + 1) {
    const stages: ThreadPlacement[] = core.map((name, index) => ({
      name,
      kind: 'compute',
      cpu: cpus[io.length + 1 + index]!,
      wait: SPIN,
      actors: [name],
    }));
    return { threads: [...stages, ...ioThreads((index) => cpus[1 + index]!)], housekeepingCpu: first };
  }
  // A thread costs a start of its own: with few CPUs those that may share one do.
  const sharedThreads = (): ThreadPlacement[] => {
    const threads = new Map<string, ThreadPlacement>();
    for (const { name, nice, eagerAtFirst, shares } of io) {
      const actors = [...(threads.get(shares ?? name)?.actors ?? []), name];
      const isAlone = shares === undefined;
      const own = {
        ...(isAlone && nice !== undefined ? { nice } : {}),
        ...(isAlone && eagerAtFirst !== undefined ? { eagerAtFirst } : {}),
      };
      threads.set(shares ?? name, { name: shares ?? name, kind: 'io', cpu: first, ...own, actors });
    }
    return [...threads.values()];
  };
  const coreThread: ThreadPlacement = { name: 'core', kind: 'compute', wait: LADDER, actors: core };
  if (cpus.length === 1) return { threads: [coreThread, ...sharedThreads()] };
  const alone = { cpu: cpus[cpus.length - 1]!, wait: SPIN_THEN_SLEEP };
  return {
    threads: [{ ...coreThread, ...alone }, ...sharedThreads()],
    housekeepingCpu: first,
  };
}

/**
 * The same with every compute thread in real time. By choice only, never by itself: two engines on one CPU would stand still by turns, for a
 * thread in real time that spins gives the CPU to nobody.
 */
export function inRealTime({ threads, ...rest }: Placement): Placement {
  return {
    ...rest,
    threads: threads.map((thread) => (thread.kind === 'compute' ? { ...thread, realtime: true } : thread)),
  };
}

/** Refuses a placement that names a CPU that is not there, forgets an actor, or spins with more threads than cores. */
export function checkPlacement(topology: Topology, placement: Placement, cpus: readonly number[] = usableCpus()): void {
  const refuse = (message: string): never => {
    throw new RuntimeSetupError(`placement: ${message}`);
  };
  const kinds = new Map<string, 'compute' | 'io'>([[topology.sequencer.name, 'compute']]);
  for (const { name, kind } of topology.actors) kinds.set(name, kind === 'core' ? 'compute' : 'io');

  const placed = new Map<string, string>();
  for (const thread of placement.threads) {
    if (thread.cpu !== undefined && !cpus.includes(thread.cpu)) {
      refuse(`thread '${thread.name}' is pinned to CPU ${thread.cpu}; there are CPUs ${cpus.join(', ')}`);
    }
    for (const actor of thread.actors) {
      const kind =
        kinds.get(actor) ?? refuse(`thread '${thread.name}' runs '${actor}', which the topology does not have`);
      if (kind !== thread.kind)
        refuse(`'${actor}' belongs on a thread of kind ${kind}; '${thread.name}' is of kind ${thread.kind}`);
      const other = placed.get(actor);
      if (other !== undefined) refuse(`'${actor}' is placed twice, on '${other}' and on '${thread.name}'`);
      placed.set(actor, thread.name);
    }
    checkOrder(topology, thread, refuse);
  }
  checkRealTime(placement, cpus, refuse);
  for (const name of runnableNames(topology)) if (!placed.has(name)) refuse(`'${name}' has no thread`);

  const spinning = placement.threads.filter(
    ({ wait }) => wait !== undefined && wait.spins === Number.POSITIVE_INFINITY,
  );
  if (spinning.length > cpus.length) {
    refuse(
      `${spinning.length} threads spin on ${cpus.length} CPUs: that is thousands of times slower than sharing a thread`,
    );
  }
}

/** Within a thread stages run in their order of rank: an upstream stage that ran later would cost a turn each event. */
function checkOrder(topology: Topology, thread: ThreadPlacement, refuse: (message: string) => never): void {
  const order = runnableNames(topology);
  let previous = -1;
  for (const actor of thread.actors) {
    const place = order.indexOf(actor);
    if (thread.kind === 'compute' && place < previous) {
      refuse(`thread '${thread.name}' runs '${actor}' behind a stage that reads it; keep the topology's order`);
    }
    previous = place;
  }
}

/** Whoever watches the threads, and may have to stop them, needs a CPU that they leave alone. */
function checkRealTime(
  { threads, housekeepingCpu }: Placement,
  cpus: readonly number[],
  refuse: (message: string) => never,
): void {
  const real = threads.filter(({ realtime }) => realtime === true);
  const free = cpus.filter((cpu) => real.every((thread) => thread.cpu !== undefined && thread.cpu !== cpu));
  if (real.length > 0 && (housekeepingCpu === undefined || !free.includes(housekeepingCpu))) {
    refuse(
      `threads in real time (${real.map(({ name }) => `'${name}'`).join(', ')}) must be pinned and leave a housekeeping CPU to the others`,
    );
  }
  for (const thread of threads) {
    if (thread.realtime === true || thread.cpu === undefined || free.includes(thread.cpu)) continue;
    refuse(`thread '${thread.name}' would hardly run on CPU ${thread.cpu}, where a thread in real time runs`);
  }
}
