import { pathToFileURL } from 'node:url';
import type { Placement } from '../../../engine/runtime/topology/placement.js';
import { built } from '../../../engine/testing/built.js';
import { OPTION_TRADING } from '../../core-settings.js';
import type { EngineSettings, FeedSettings } from '../../topology.js';

// Threads load compiled code: the same modules that users run.
const href = (source: string): string => pathToFileURL(built(source)).href;
const load = async <Module>(source: string): Promise<Module> => (await import(href(source))) as Module;

const { Engine } = await load<typeof import('../../../engine/runtime/host/engine.js')>('engine/runtime/host/engine');
const { topology } = await load<typeof import('../../topology.js')>('actors/topology');
const { attachArena } =
  await load<typeof import('../../../engine/runtime/arena/arena.js')>('engine/runtime/arena/arena');
const { EdgeKind } =
  await load<typeof import('../../../engine/runtime/arena/layout.js')>('engine/runtime/arena/layout');
const { LatestReader } = await load<typeof import('../../../engine/runtime/edge/latest-reader.js')>(
  'engine/runtime/edge/latest-reader',
);
const { openShared } = await load<typeof import('../../../engine/runtime/host/shared-memory.js')>(
  'engine/runtime/host/shared-memory',
);
const { BookTop } = await load<typeof import('../../../schemas/generated/book-top.js')>('schemas/generated/book-top');

const HEADER_BYTES = 56;
const ENGINE_RUN = 1;

/** A book's top as the engine shows it. */
export interface SeenTop {
  state: number;
  bidPrice: number;
  bidAmount: number;
  askPrice: number;
  askAmount: number;
  bidDepth: number;
  askDepth: number;
  bidLevels: number;
  askLevels: number;
  changeId: number;
}

/** The whole engine on a feed, on real threads, with the tops of its books to look at. */
export class FeedEngine {
  readonly notes: string[] = [];
  /** By instrument id, newest last. */
  readonly tops = new Map<number, SeenTop>();
  /** Every state that a book was seen in, by instrument id. */
  readonly states = new Map<number, Set<number>>();
  readonly #engine;
  readonly #reader;
  readonly #top = new BookTop();

  constructor(feed: FeedSettings, instruments: number, bookDepth: number) {
    const settings: EngineSettings = { core: { instruments, bookDepth, trading: OPTION_TRADING }, feed, peers: [] };
    const made = topology(settings);
    const core = [made.sequencer.name, ...made.actors.filter(({ kind }) => kind === 'core').map(({ name }) => name)];
    const io = made.actors.filter(({ kind }) => kind === 'io').map(({ name }) => name);
    const placement: Placement = {
      threads: [
        { name: 'core', kind: 'compute', actors: core },
        { name: 'io', kind: 'io', actors: io },
      ],
    };
    this.#engine = new Engine({
      topologyModule: href('actors/topology'),
      topology: made,
      settings,
      placement,
      engineRun: ENGINE_RUN,
      engineId: 1,
      supervised: false,
      onNote: (level, who, message) => this.notes.push(`${level} ${who}: ${message}`),
    });
    const shown = this.#engine.shown['tops-shown']!;
    this.#reader = new LatestReader(attachArena(openShared(shown, 'read'), 'tops-shown', EdgeKind.LATEST, ENGINE_RUN));
  }

  start(): Promise<void> {
    return this.#engine.start();
  }

  stop(): Promise<void> {
    return this.#engine.stop();
  }

  /** Why the engine was killed; 0 where it was not. */
  get killed(): number {
    return this.#engine.board.killed();
  }

  /** Takes in what is shown until a condition holds. */
  async until(condition: () => boolean, withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      this.look();
      if (condition()) return;
      if (performance.now() > deadline)
        throw new Error(`what the test waits for did not happen\n${this.notes.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  look(): void {
    this.#reader.poll((_type, buffer, offset, id) => {
      const top = this.#top.__init(offset + HEADER_BYTES, buffer);
      const states = this.states.get(id) ?? new Set();
      this.states.set(id, states.add(top.state()));
      this.tops.set(id, {
        state: top.state(),
        bidPrice: top.bidPrice(),
        bidAmount: top.bidAmount(),
        askPrice: top.askPrice(),
        askAmount: top.askAmount(),
        bidDepth: top.bidDepth(),
        askDepth: top.askDepth(),
        bidLevels: top.bidLevels(),
        askLevels: top.askLevels(),
        changeId: top.changeId(),
      });
    }, Number.POSITIVE_INFINITY);
  }
}
