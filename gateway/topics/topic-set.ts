import type { Arena } from '../../engine/runtime/arena/arena.js';
import { Descriptor } from '../../engine/runtime/arena/layout.js';
import { LatestReader } from '../../engine/runtime/edge/latest-reader.js';
import type { Board } from '../../engine/runtime/supervision/board.js';
import { BoardSource, type OwnCounters } from './board-source.js';
import { type DeclaredTopic, EVENTS_KEPT, TOPICS, type TopicOrigin } from './catalogue.js';
import { OutsideSource } from './outside-source.js';
import { EventSource, MergeSource, RunSource, TheoSource, type TopicSource } from './sources.js';
import { EventTopic, MergeTopic } from './topic.js';

/** What topics are made from. */
export interface TopicSetInputs {
  board: Board;
  engineRun: number;
  /** Arenas of the shown edges by name. */
  shown: ReadonlyMap<string, Arena>;
  own: OwnCounters;
}

/** All topics of a gateway, and how they are kept new. */
export class TopicSet {
  readonly topics: readonly (MergeTopic | EventTopic)[];
  private readonly byName = new Map<string, MergeTopic | EventTopic>();
  private readonly sources: TopicSource[] = [];
  private readonly sourcesOf = new Map<MergeTopic | EventTopic, TopicSource[]>();

  constructor(inputs: TopicSetInputs) {
    this.topics = TOPICS.map((declared, number) => this.build(declared, number, inputs.shown));
    for (const topic of this.topics) this.byName.set(topic.definition.name, topic);
    const shown = {
      engine: this.merge('engine'),
      latency: this.merge('latency'),
      threads: this.merge('threads'),
      buckets: this.merge('latency-buckets'),
    };
    const source = new BoardSource(inputs.board, shown, inputs.engineRun, inputs.own);
    this.add(source, ...Object.values(shown));
    const outside = this.merge('outside');
    this.add(new OutsideSource(outside), outside);
  }

  find(name: string): MergeTopic | EventTopic | undefined {
    return this.byName.get(name);
  }

  /** A topic of the class MERGE or REPLACE that is known to be there. */
  merge(name: string): MergeTopic {
    const topic = this.byName.get(name);
    if (!(topic instanceof MergeTopic)) throw new Error(`there is no topic '${name}' that keeps rows by key`);
    return topic;
  }

  /** A topic of events that is known to be there. */
  events(name: string): EventTopic {
    const topic = this.byName.get(name);
    if (!(topic instanceof EventTopic)) throw new Error(`there is no topic '${name}' of events`);
    return topic;
  }

  /** Brings everything up to date. */
  poll(): void {
    for (const source of this.sources) source.poll();
  }

  /** Brings one topic up to date. */
  pollOf(topic: MergeTopic | EventTopic): void {
    for (const source of this.sourcesOf.get(topic) ?? []) source.poll();
  }

  private add(source: TopicSource, ...topics: (MergeTopic | EventTopic)[]): void {
    this.sources.push(source);
    for (const topic of topics) this.sourcesOf.set(topic, [...(this.sourcesOf.get(topic) ?? []), source]);
  }

  private build(declared: DeclaredTopic, number: number, shown: ReadonlyMap<string, Arena>): MergeTopic | EventTopic {
    const { origin, ...rest } = declared;
    const keysOf = (edge: string): number => shown.get(edge)?.words[Descriptor.KEYS] ?? 1;
    const arena = origin.kind === 'board' ? undefined : shown.get(origin.edge);
    if (origin.kind === 'events') {
      const topic = new EventTopic({ ...rest, keys: EVENTS_KEPT }, number);
      if (arena !== undefined) {
        this.add(new EventSource(new LatestReader(arena), topic, origin.numberAt, origin.textOf), topic);
      }
      return topic;
    }
    const keys = keysFor(origin, keysOf);
    const topic = new MergeTopic({ ...rest, keys }, number);
    if (arena !== undefined) {
      const reader = new LatestReader(arena);
      const source =
        origin.kind === 'theos'
          ? new TheoSource(reader, topic)
          : origin.kind === 'runs'
            ? new RunSource(reader, topic, origin.most)
            : new MergeSource(reader, topic, origin.kind === 'shown' ? origin.textOf : undefined);
      this.add(source, topic);
    }
    return topic;
  }
}

function keysFor(origin: TopicOrigin, keysOf: (edge: string) => number): number {
  switch (origin.kind) {
    case 'board':
      return origin.keys;
    case 'theos':
      return keysOf(origin.keysOf);
    case 'runs':
      return keysOf(origin.edge) * origin.most;
    default:
      return keysOf(origin.edge);
  }
}
