import { describe, expect, it } from 'vitest';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import type { ExpiryExposure } from '../../schemas/generated/expiry-exposure.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { CALL, EXPIRY, hedge, INDEX, PERPETUAL, RiskDesk, sell } from './testing/risk-desk.js';

const held = ['delta', 'vega', 'gamma'] as const;
const greeks = ['delta', 'vega', 'theta', 'vanna', 'volga'] as const;

/** A theoretical value that can be quoted on, with one Greek that is no number. */
function theoWithout(desk: RiskDesk, greek: (typeof greeks)[number]): void {
  desk.bench.say(
    MessageType.THEO_RUN + TO_BE_PASSED,
    TheoRun,
    (run) => {
      run.mutate_count(1);
      run.mutate_forward(INDEX);
      run.mutate_index(INDEX);
    },
    {
      bytes: Theo.sizeOf(),
      fill: (buffer, at) => {
        const theo = new Theo().__init(at, buffer);
        theo.mutate_instrument(CALL);
        theo.mutate_price(0.06);
        theo.mutate_volatility(0.5);
        for (const each of ['delta', 'vega', 'gamma', 'theta', 'vanna', 'volga'] as const) theo[`mutate_${each}`](1e-6);
        theo.mutate_vega(6800);
        theo[`mutate_${greek}`](Number.NaN);
      },
    },
  );
}

describe('what is no number passes no limit', () => {
  it.each(held)('%s that is held of the expiry', (greek) => {
    const desk = new RiskDesk();
    desk.exposure(0, 0, (told: ExpiryExposure) => {
      if (greek !== 'gamma') told[`mutate_${greek}`](Number.NaN);
    });
    if (greek === 'gamma') {
      desk.hear(MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure, (told) => told.mutate_gamma(Number.NaN));
      expect(desk.ask(sell)).toBe('GAMMA');
    } else expect(desk.ask()).toBe(greek === 'delta' ? 'EXPIRY_DELTA' : 'EXPIRY_VEGA');
  });

  it.each(['delta', 'vega'] as const)('%s that is held of the underlying', (greek) => {
    const desk = new RiskDesk();
    desk.hear(MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure, (told) => told[`mutate_${greek}`](Number.NaN));
    expect(desk.ask()).toBe(greek === 'delta' ? 'DELTA' : 'VEGA');
  });

  it.each(greeks)('%s of the option that is asked for', (greek) => {
    const desk = new RiskDesk();
    theoWithout(desk, greek);
    expect(desk.ask()).not.toBe('approved');
  });

  it('the price of a hedge without a mark', () => {
    const desk = new RiskDesk();
    expect(desk.ask(hedge)).toBe('approved');
    desk.ticker(PERPETUAL, Number.NaN);
    expect(desk.ask(hedge)).toBe('FAR_FROM_MARK');
  });

  it('a profit, which halts', () => {
    const desk = new RiskDesk();
    const told = desk.profit(Number.NaN).find(({ type }) => type === MessageType.RISK_STATE);
    expect(new RiskState().__init(0, new ViewBuffer(told!.body.buffer)).cause()).toBe(RiskCode.DAY_LOSS);
    expect(desk.ask()).toBe('HALTED');
  });

  it('a difference to the venue’s count of the money, which reduces', () => {
    const desk = new RiskDesk();
    desk.tieOut(TieState.DAY_DIFFERS, Number.NaN);
    expect(desk.ask()).toBe('REDUCING');
  });

  it('while all numbers are numbers nothing is refused', () => {
    const desk = new RiskDesk();
    desk.exposure(0, 0, (told) => told.mutate_expiry(EXPIRY));
    expect(desk.ask()).toBe('approved');
  });
});
