import { beforeEach, describe, expect, it } from 'vitest';
import { OrderAction, RefusalReason, Side } from '../../../engine/market/orders/codes.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { CommandCode } from '../../../engine/runtime/peers/command-channel.js';
import { ActorCounter } from '../../../engine/runtime/supervision/board.js';
import { RiskBan } from '../../../engine/runtime/supervision/engine-state.js';
import { bytesPerCall } from '../../../engine/testing/allocation.js';
import { CoreInOneThread, type Outcome } from './core-in-one-thread.js';

let core: CoreInOneThread;

beforeEach(() => {
  core = new CoreInOneThread({ instruments: 4, keepsOutcomes: true });
});

function quoted(instrument: number, mid: number): Outcome[] {
  core.quote(instrument, mid);
  return core.settle();
}

const action = (outcomes: Outcome[]): number[] => outcomes.map((outcome) => outcome.action);

describe('a tick becomes orders', () => {
  it('a bid below and an offer above the mid, placed once', () => {
    expect(quoted(1, 200)).toEqual([
      { refused: undefined, instrument: 1, action: OrderAction.PLACE, side: Side.BUY, price: 98.5 },
      { refused: undefined, instrument: 1, action: OrderAction.PLACE, side: Side.SELL, price: 101.5 },
    ]);
    expect(quoted(1, 200)).toEqual([]);
  });

  it('amended when the mid has moved far enough, and not before', () => {
    quoted(1, 200);
    expect(quoted(1, 201)).toEqual([]);
    expect(action(quoted(1, 202))).toEqual([OrderAction.AMEND, OrderAction.AMEND]);
  });

  it('none for an instrument that the engine does not know', () => {
    expect(quoted(7, 200)).toEqual([]);
  });

  it('and every hop of it is measured', () => {
    quoted(1, 200);
    for (const name of ['sequencer', 'book', 'quoter', 'risk']) {
      const actor = core.board.plan.actors.indexOf(name);
      expect(core.board.actorCounters(actor)[ActorCounter.RECORDS]).toBeGreaterThan(0);
      expect(core.board.waitingHistogram(actor).count).toBeGreaterThan(0);
    }
  });
});

describe('when no new risk is wanted', () => {
  it('refuses, tells the quoter through the log, and quotes again when it may', () => {
    core.board.forbidRisk(RiskBan.LOG_FULL);
    expect(quoted(1, 200).map(({ refused }) => refused)).toEqual([RefusalReason.REDUCING, RefusalReason.REDUCING]);
    core.board.allowRisk(RiskBan.LOG_FULL);
    expect(action(core.settle())).toEqual([OrderAction.PLACE, OrderAction.PLACE]);
    expect(action(quoted(1, 202))).toEqual([OrderAction.AMEND, OrderAction.AMEND]);
  });

  it('takes away what a refused amendment would leave to be picked off, amends what works still, and places nothing twice', () => {
    quoted(1, 200);
    core.board.forbidRisk(RiskBan.LOG_FULL);
    // The bid is only passive now; the offer would be sold too cheaply.
    expect(action(quoted(1, 210))).toContain(OrderAction.CANCEL);
    core.board.allowRisk(RiskBan.LOG_FULL);
    expect(action(core.settle())).toEqual([OrderAction.AMEND, OrderAction.PLACE]);
    expect(action(quoted(1, 220))).toEqual([OrderAction.AMEND, OrderAction.AMEND]);
  });

  it('refuses an order of too much value', () => {
    expect(quoted(1, 4e6).map(({ refused }) => refused)).toEqual([RiskCode.HEDGE_CLIP, RiskCode.HEDGE_CLIP]);
  });

  it.each([
    ['a pause', CommandCode.PAUSE],
    ['a halt', CommandCode.HALT],
  ])('%s pulls every quote at once, also while reducing', (_name, code) => {
    quoted(1, 200);
    core.board.forbidRisk(RiskBan.LOG_FULL);
    core.command(code);
    expect(action(core.settle())).toEqual([OrderAction.MASS_CANCEL]);
    expect(quoted(1, 220)).toEqual([]);
  });

  it('places anew after a pause is over', () => {
    quoted(1, 200);
    core.command(CommandCode.PAUSE);
    core.settle();
    core.command(CommandCode.RESUME);
    core.settle();
    expect(action(quoted(1, 220))).toEqual([OrderAction.PLACE, OrderAction.PLACE]);
  });

  it('sends nothing but cancels after a halt, also when quoting is resumed', () => {
    core.command(CommandCode.HALT);
    core.command(CommandCode.RESUME);
    core.settle();
    expect(quoted(1, 200).map(({ refused }) => refused)).toEqual([RefusalReason.HALTED, RefusalReason.HALTED]);
  });
});

describe('the core in steady state', () => {
  it('allocates nothing from a quote to its orders, with telemetry on', () => {
    const bytes = bytesPerCall(
      {
        module: 'actors/testing/core/core-in-one-thread.js',
        setup: 'const core = new CoreInOneThread({ instruments: 4, keepsOutcomes: false });',
        // Two thirds of the quotes lead to orders.
        call: 'core.quote(i & 3, 200 + (i % 3)); sink += core.turn();',
      },
      20_000,
    );
    expect(bytes).toBeLessThan(1);
  }, 180_000);
});
