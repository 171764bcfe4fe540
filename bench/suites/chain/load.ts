import { usableCpus } from '../../../engine/runtime/topology/placement.js';
import type { Distribution } from '../../rig/distribution.js';

export const ACTORS = ['source', 'first', 'second', 'sink'];
export const EVENTS_PER_SECOND = 50_000;
export const WARM_UP_EVENTS = 10_000;
export const MEASURED_EVENTS = 75_000;

/** The chain in one way, which is offered the load round by round. */
export interface Contender {
  name: string;
  /** One round, numbered from 1; its latencies in microseconds, or the events per second that it achieved where it missed what was offered. */
  run(round: number): Promise<Distribution | number>;
  close(): Promise<void>;
}

/** A round that achieves less than this share of its offered rate does not count. */
const LEAST_RATE = 0.99;

export function isMissed(eventsPerSecond: number): boolean {
  return eventsPerSecond < LEAST_RATE * EVENTS_PER_SECOND;
}

/** CPUs of the actors, each on a thread of its own: neighbours in the chain share one as far as there are fewer CPUs than actors. */
export function cpuOfEach(): number[] {
  const cpus = usableCpus();
  const perCpu = Math.ceil(ACTORS.length / cpus.length);
  return ACTORS.map((_, index) => cpus[Math.floor(index / perCpu)]!);
}

/** CPU of the chain on one thread: the last, as the core's. */
export function cpuOfAll(): number {
  return usableCpus().at(-1)!;
}
