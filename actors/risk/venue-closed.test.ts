import { expect, it } from 'vitest';
import { EVERY_INSTRUMENT, LifeCycle, type LifeCycleState } from '../../engine/market/instrument.js';
import { OrderAction, OrderFlag, TradingStateCode } from '../../engine/market/orders/codes.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { MessageType } from '../../schemas/message-type.js';
import { limited, RiskDesk } from './testing/risk-desk.js';

function venueIs(desk: RiskDesk, state: LifeCycleState): void {
  desk.tell(MessageType.INSTRUMENT_STATE, InstrumentState, (told) => {
    told.mutate_instrument(EVERY_INSTRUMENT);
    told.mutate_state(state);
  });
}

/** The engine ends and begins again, and is ready. */
function restart(desk: RiskDesk): void {
  desk.tell(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(8));
  desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.ACTIVE));
  desk.trading(TradingStateCode.READY);
}

it('nothing new passes while the venue is closed, and everything as before once it is open again', () => {
  const desk = new RiskDesk();
  venueIs(desk, LifeCycle.HALTED);
  expect(desk.ask()).toBe('NOT_READY');
  venueIs(desk, LifeCycle.OPEN);
  expect(desk.ask()).toBe('approved');
});

it('an orders stage that is ready opens no venue that is closed', () => {
  const desk = new RiskDesk();
  venueIs(desk, LifeCycle.HALTED);
  desk.trading(TradingStateCode.READY);
  expect(desk.ask()).toBe('NOT_READY');
});

it('a venue that was closed when the engine ended does not count as closed for ever', () => {
  const desk = new RiskDesk();
  venueIs(desk, LifeCycle.HALTED);
  restart(desk);
  expect(desk.ask()).toBe('approved');
});

it('what was approved and never sent when the engine ended takes no room after the next start', () => {
  // Room for one and a half orders of one coin.
  const desk = new RiskDesk(limited({ positionUsd: 90_000 }));
  expect(desk.ask()).toBe('approved');
  expect(desk.ask()).toBe('POSITION');
  restart(desk);
  expect(desk.ask()).toBe('approved');
  const quote = desk.ask((intent) => {
    intent.mutate_action(OrderAction.QUOTE);
    intent.mutate_flags(OrderFlag.MMP | OrderFlag.QUOTE);
  });
  expect(quote).toBe('POSITION');
});
