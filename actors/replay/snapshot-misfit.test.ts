import { afterEach, describe, expect, it, vi } from 'vitest';
import { CellCount } from '../../engine/market/orders/cells.js';
import { FACT } from '../../engine/market/risk/risk-table.js';
import { ActorState } from '../../engine/runtime/actor/actor-state.js';
import type { CoreDefinition } from '../../engine/runtime/actor/definition.js';
import { stageLayout, stageStateBytes } from '../../engine/runtime/actor/stage-state.js';
import { core } from '../core.js';
import { type CoreSettings, NO_VENUE } from '../core-settings.js';
import { touchJoiner } from '../strategy/touch-joiner.js';
import { log } from '../streams.js';
import { SteppedCore } from '../virtual-run/stepped-core.js';
import { misfit } from './snapshot-misfit.js';

const instruments = 8;
const settings: CoreSettings = { instruments, bookDepth: 4, trading: NO_VENUE };
/** What the runtime reserves of each block before the actor does: its progress, and three arrays of timers. */
const OF_THE_RUNTIME = 4;

const named = (name: string): CoreDefinition => core(settings).find((stage) => stage.name === name)!;
const snapshotOf = (stages: readonly CoreDefinition[]) => ({
  states: new Map<string, Uint8Array>(),
  header: {
    format: 1 as const,
    position: 1,
    time: 1,
    run: 1,
    stages: stages.map((stage) => ({ name: stage.name, bytes: stageStateBytes(stage), layout: stageLayout(stage) })),
  },
});

afterEach(() => vi.restoreAllMocks());

describe('what a stage declares of its memory', () => {
  it.each<[string, () => CoreDefinition[]]>([
    ['the core', () => core(settings)],
    ['a core that quotes options and hedges', () => core({ ...settings, quoting: {}, hedging: {} })],
    ['a strategy', () => [named('book'), touchJoiner(instruments)]],
  ])('is what it takes, reservation by reservation: %s', (_, make) => {
    const stages = make();
    const taken = new Map<unknown, CellCount>();
    const reservations = new Map<unknown, number>();
    for (const kind of ['float64', 'int32'] as const) {
      const reserve = ActorState.prototype[kind] as (length: number) => never;
      vi.spyOn(ActorState.prototype, kind).mockImplementation(function (this: ActorState, ...given: unknown[]) {
        const before = reservations.get(this) ?? 0;
        reservations.set(this, before + 1);
        if (!taken.has(this)) taken.set(this, new CellCount());
        if (before >= OF_THE_RUNTIME) taken.get(this)![kind](...(given as Parameters<CellCount['float64']>));
        return reserve.call(this, given[0] as number);
      });
    }
    new SteppedCore(stages, log, { position: 0, time: 0, states: new Map() }).close();
    const found = [...taken.values()].map(({ bytes, layout }) => ({ stateBytes: bytes, stateLayout: layout }));
    expect(found).toEqual(stages.map(({ stateBytes, stateLayout }) => ({ stateBytes, stateLayout })));
    for (const { stateLayout } of stages) expect(stateLayout).not.toBe('');
  });
});

describe('a snapshot', () => {
  it('fits the stages that it was taken of', () => {
    expect(misfit(snapshotOf(core(settings)), core(settings))).toBeUndefined();
  });

  it('does not fit a build in whose rows two fields have changed places, though every size is the same', () => {
    const taken = snapshotOf(core(settings));
    const before = stageStateBytes(named('risk'));
    const places = FACT as { -readonly [name in keyof typeof FACT]: number };
    const { BID, ASK } = FACT;
    try {
      Object.assign(places, { BID: ASK, ASK: BID });
      expect(stageStateBytes(named('risk'))).toBe(before);
      expect(misfit(taken, core(settings))).toBe("stage 'risk' lays out its memory otherwise now");
    } finally {
      Object.assign(places, { BID, ASK });
    }
    expect(misfit(taken, core(settings))).toBeUndefined();
  });

  it('does not fit where a stage has come, gone, or grown', () => {
    const stages = core(settings);
    const taken = snapshotOf(stages);
    const name = stages.at(-1)!.name;
    expect(misfit(taken, stages.slice(0, -1))).toBe(`it holds a stage '${name}', which is none now`);
    expect(misfit(snapshotOf(stages.slice(0, -1)), stages)).toBe(`it holds no stage '${name}'`);
    taken.header.stages[0]!.bytes -= 8;
    expect(misfit(taken, stages)).toMatch(/^stage 'book' remembered \d+ bytes, and now \d+$/);
  });

  it('of an older build, which wrote no layouts, does not fit: nothing can tell whether it would be read aright', () => {
    const stages = core(settings);
    const older = snapshotOf(stages);
    for (const stage of older.header.stages) Reflect.deleteProperty(stage, 'layout');
    expect(misfit(older, stages)).toMatch(/^it is of an older build, which did not say how stage 'book' lays out/);
  });
});
