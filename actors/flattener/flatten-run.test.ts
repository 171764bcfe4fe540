import { expect, it } from 'vitest';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { MessageType } from '../../schemas/message-type.js';
import { smallChainRun } from '../testing/trading/small-chain-run.js';
import type { VirtualRun } from '../virtual-run/virtual-run.js';

function isOption(run: VirtualRun, id: number): boolean {
  return run.exchange.instruments.definitions[id]!.kind === InstrumentKind.OPTION;
}

function flatten({ log }: VirtualRun): void {
  const offset = log.open(MessageType.RISK_COMMAND, RiskCommand.sizeOf());
  const command = new RiskCommand().__init(offset + HEADER_BYTES, log.core.log.buffer);
  command.mutate_action(RiskAction.FLATTEN);
  command.mutate_scope(StateScope.EVERYTHING);
  log.close(offset);
}

/** Sizes at the venue, signed, by instrument. */
function held(run: VirtualRun): Map<number, number> {
  return new Map(run.positions().map(({ instrument, size }) => [instrument, size]));
}

it('a book that was quoted into is closed at the venue: no quote stays, options only shrink, and nothing is turned', () => {
  const run = smallChainRun(2);
  const options = (sizes: Map<number, number>) => [...sizes].filter(([id]) => isOption(run, id));
  for (let minutes = 0; minutes < 10 && options(held(run)).length < 2; minutes++) run.advance(60);
  const before = held(run);
  expect(options(before).length).toBeGreaterThanOrEqual(2);
  expect(run.session.messages.open().length).toBeGreaterThan(10);
  flatten(run);
  run.advance(120);
  const after = held(run);
  for (const [id, size] of options(after)) {
    expect(Math.sign(size)).toBe(Math.sign(before.get(id) ?? 0));
    expect(Math.abs(size)).toBeLessThanOrEqual(Math.abs(before.get(id)!));
  }
  const total = (sizes: Map<number, number>) => options(sizes).reduce((sum, [, size]) => sum + Math.abs(size), 0);
  expect(total(after)).toBeLessThan(total(before));
  // What still rests closes what is held: one order an instrument at most.
  expect(run.session.messages.open().length).toBeLessThanOrEqual(after.size);
});
