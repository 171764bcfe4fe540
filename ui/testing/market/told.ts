import type { Placed } from '../../net/frame.js';
import type { Topic } from '../../store/channel.js';
import type { Row } from '../frames.js';

/** Rows of topics, by the topic's name, as they are in a step. */
export type Tables = Record<string, (step: number) => unknown>;

/** Rows of a topic, with the topic's type. */
export function of<T extends Placed>(topic: Topic<T>, rows: Row<T>[]) {
  return { topic, rows };
}
