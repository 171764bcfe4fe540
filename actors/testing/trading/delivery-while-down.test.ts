import { expect, it } from 'vitest';
import { SettlementBasis } from '../../../engine/market/portfolio/settlement-basis.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { Settlement } from '../../../schemas/generated/settlement.js';
import { TieOut } from '../../../schemas/generated/tie-out.js';
import { MessageType } from '../../../schemas/message-type.js';
import { exposures } from '../../streams.js';
import { smallChainRun } from './small-chain-run.js';

const DELIVERY = Date.UTC(2026, 0, 2, 8);

it('what expired while the engine was down is paid at the price that the venue delivered at, and the money ties out to its equity', () => {
  const run = smallChainRun(6, DELIVERY - 2 * 3600e3);
  const { instruments } = run.exchange;
  const expiring = () =>
    run.positions().filter(({ instrument }) => instruments.definitions[instrument]!.expiry === DELIVERY * 1000);
  for (let seconds = 0; seconds < 600 && expiring().length === 0; seconds += 15) run.advance(15);
  run.advance(5);
  const held = expiring();
  expect(held).not.toEqual([]);
  const saved = run.log.snapshot();
  run.kill();
  run.advanceTo(DELIVERY + 120e3);
  const paid: { basis: number; instrument: number; size: number; price: number; profit: number }[] = [];
  const differences: number[] = [];
  run.hear(exposures, (type, buffer, offset) => {
    if (type === MessageType.SETTLEMENT) {
      const told = new Settlement().__init(offset + HEADER_BYTES, buffer);
      const [basis, instrument, size] = [told.basis(), told.instrument(), told.size()];
      paid.push({ basis, instrument, size, price: told.deliveryPrice(), profit: told.profit() });
    } else if (type === MessageType.TIE_OUT) {
      differences.push(new TieOut().__init(offset + HEADER_BYTES, buffer).difference());
    }
  });
  run.start(saved);
  run.advance(30);
  const whole = held.map(({ instrument, size }) => ({ instrument, size }));
  for (const wanted of [SettlementBasis.ESTIMATE, SettlementBasis.CORRECTION]) {
    const found = paid.filter(({ basis }) => basis === wanted);
    expect(found.map(({ instrument, size }) => ({ instrument, size }))).toEqual(whole);
  }
  const corrections = paid.filter(({ basis }) => basis === SettlementBasis.CORRECTION);
  for (const { instrument, price } of corrections) expect(price).toBe(instruments.deliveryPrice[instrument]);
  // The estimates were two hours old: without their corrections the day of the venue would not close.
  expect(Math.abs(corrections.reduce((sum, { profit }) => sum + profit, 0))).toBeGreaterThan(1e-4);
  expect(differences.length).toBeGreaterThan(0);
  for (const difference of differences) expect(Math.abs(difference)).toBeLessThan(2e-6);
});
