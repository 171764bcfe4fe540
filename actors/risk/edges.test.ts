import { describe, expect, it } from 'vitest';
import {
  OrderAction,
  OrderFlag,
  RequestStatus,
  Scope,
  Side,
  Strategy,
  TradingStateCode,
} from '../../engine/market/orders/codes.js';
import type { LimitName } from '../../engine/market/risk/limits.js';
import { LIMITS } from '../../engine/market/risk/limits.js';
import { CHECKS, type CheckName } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import type { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import type { Written } from '../testing/stage/stage-bench.js';
import {
  buyWing,
  CALL,
  EXPIRY,
  hedge,
  INDEX,
  limited,
  OTHER_CALL,
  PERPETUAL,
  RiskDesk,
  sell,
  sellWing,
} from './testing/risk-desk.js';

interface Answer {
  code: number;
  found: number;
  limit: number;
}

function answerOf(written: readonly Written[]): Answer {
  const refusal = written.find(({ type }) => type === MessageType.REFUSAL);
  if (refusal === undefined) return { code: 0, found: 0, limit: 0 };
  const told = new Refusal().__init(0, new ViewBuffer(refusal.body.buffer));
  return { code: told.code(), found: told.found(), limit: told.limit() };
}

type Ask = (intent: OrderIntent) => void;
const buy: Ask = () => {};
const buyOther: Ask = (intent) => {
  intent.mutate_instrument(OTHER_CALL);
  intent.mutate_price(0.0295);
};
const priced =
  (price: number, ask: Ask = buy): Ask =>
  (intent) => {
    ask(intent);
    intent.mutate_price(price);
  };
const flagged =
  (flags: number, ask: Ask = buy): Ask =>
  (intent) => {
    ask(intent);
    intent.mutate_flags(flags);
  };
const MMP = OrderFlag.MMP | OrderFlag.QUOTE;
const quoting =
  (amount: number, ask: Ask = buy): Ask =>
  (intent) => {
    ask(intent);
    intent.mutate_action(OrderAction.QUOTE);
    intent.mutate_flags(MMP);
    intent.mutate_amount(amount);
  };
const nothing = (): void => {};

/** A limit, what is found of it, how the world is and what is asked for. */
type Edge = [limit: LimitName, found: number, world: (desk: RiskDesk) => void, ask: Ask];

/** In each the found value is that of the intent together with what is held and what rests. */
const edges: Edge[] = [
  ['orderUsd', INDEX, nothing, buy],
  ['hedgeOrderUsd', 600_000, nothing, hedge],
  ['orderDeltaUsd', 30_000, nothing, buy],
  ['fromMark', 0.005, nothing, priced(INDEX * 1.005, hedge)],
  [
    'fromMark',
    0.005,
    nothing,
    (intent) => {
      hedge(intent);
      intent.mutate_side(Side.SELL);
      intent.mutate_price(INDEX * 0.995);
    },
  ],
  ['positionUsd', 3 * INDEX, (desk) => desk.position(CALL, 2), buy],
  ['positionUsd', 3 * INDEX, (desk) => desk.position(CALL, -2), sell],
  ['positionUsd', 3 * INDEX, (desk) => desk.rests(3, CALL, Side.BUY, 0.0595, 2), buy],
  ['positionUsd', 5 * INDEX, (desk) => desk.rests(3, CALL, Side.BUY, 0.0595, 2, MMP), quoting(3)],
  ['hedgePositionUsd', 700_000, (desk) => desk.position(PERPETUAL, 100_000), hedge],
  [
    'openInterestShare',
    0.75,
    (desk) => {
      desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_openInterest(4));
      desk.position(CALL, 2);
    },
    buy,
  ],
  ['expiryDeltaUsd', 1.5 * INDEX, (desk) => desk.exposure(1, 0), buy],
  ['expiryDeltaUsd', 1.5 * INDEX, (desk) => desk.exposure(-1, 0), sell],
  [
    'expiryDeltaUsd',
    2 * INDEX,
    (desk) => {
      desk.exposure(1, 0);
      desk.rests(3, OTHER_CALL, Side.BUY, 0.029, 1);
    },
    buy,
  ],
  ['deltaUsd', 1.5 * INDEX, (desk) => desk.exposure(1, 0), buy],
  [
    'deltaUsd',
    2 * INDEX,
    (desk) => {
      desk.exposure(1, 0);
      desk.rests(3, OTHER_CALL, Side.BUY, 0.029, 1, MMP);
    },
    buy,
  ],
  ['expiryVega', 168, (desk) => desk.exposure(0, 10_000), buy],
  ['expiryVega', 168, (desk) => desk.exposure(0, -10_000), sell],
  ['vega', 168, (desk) => desk.exposure(0, 10_000), buy],
  [
    'vega',
    236,
    (desk) => {
      desk.exposure(0, 10_000);
      desk.rests(3, OTHER_CALL, Side.BUY, 0.029, 1, MMP);
    },
    quoting(1),
  ],
  ['shortGammaUsd', 4e-5 * INDEX * INDEX * 0.01, nothing, sell],
  [
    'shortGammaUsd',
    3 * 4e-5 * INDEX * INDEX * 0.01,
    (desk) => {
      desk.rests(3, OTHER_CALL, Side.SELL, 0.031, 1);
      desk.rests(4, OTHER_CALL, Side.SELL, 0.0315, 1, MMP);
    },
    sell,
  ],
  ['shortOptionsUsd', INDEX, nothing, sell],
  [
    'shortOptionsUsd',
    4 * INDEX,
    (desk) => {
      desk.exposure(0, 0, (expiry) => expiry.mutate_shortAmount(1));
      desk.exposure(0, 0, (expiry) => expiry.mutate_shortAmount(1));
      desk.rests(3, OTHER_CALL, Side.SELL, 0.031, 1);
      desk.rests(4, OTHER_CALL, Side.SELL, 0.0315, 1, MMP);
    },
    sell,
  ],
  ['pinUsd', 3 * INDEX, (desk) => desk.exposure(0, 0, (expiry) => expiry.mutate_pinAmount(3)), buy],
  ['thetaUsd', 20_000 / 365, nothing, buy],
  [
    'thetaUsd',
    (2 * 20_000) / 365,
    (desk) => desk.rests(3, CALL, Side.BUY, 0.0595, 1),
    (intent) => {
      // What rests is seen at the next look.
      buyOther(intent);
    },
  ],
  ['weightedVega', 68, (desk) => desk.look(), buy],
  ['skewVega', 68, (desk) => desk.look(), buyOther],
  [
    'skewVega',
    136,
    (desk) => {
      desk.position(OTHER_CALL, -1);
      desk.look();
    },
    (intent) => {
      buyOther(intent);
      intent.mutate_side(Side.SELL);
      intent.mutate_price(0.0305);
    },
  ],
  ['wingVega', 68, (desk) => desk.look(), buyWing],
  ['vannaUsd', 0.5 * INDEX * 0.01, nothing, buy],
  ['vannaUsd', 0.5 * INDEX * 0.01, nothing, sell],
  ['volga', 0.5, nothing, buy],
  ['nakedWingsUsd', INDEX, (desk) => desk.look(), sellWing],
  ['rhoUsd', (0.5 * INDEX * 30) / 365 / 100, nothing, buy],
  ['rhoUsd', (0.5 * INDEX * 30) / 365 / 100, nothing, sell],
  [
    'rhoUsd',
    (2 * INDEX * 30) / 365 / 100,
    (desk) => {
      desk.exposure(1, 0);
      desk.rests(3, OTHER_CALL, Side.BUY, 0.029, 1, MMP);
    },
    buy,
  ],
  ['divergence', 0.1, (desk) => desk.theo(CALL, 0.06, 0, INDEX * 1.1), buy],
  ['perpetualDivergence', 0.01, (desk) => desk.ticker(PERPETUAL, INDEX * 0.99), buy],
  [
    'underlyingAgeSeconds',
    2,
    (desk) => {
      desk.bench.time += 2e6;
    },
    buy,
  ],
];

describe('a limit', () => {
  it.each(edges)(
    '%s holds exactly: at %d it passes, just below it is refused with what was found',
    (name, found, world, ask) => {
      const answer = (limit: number): Answer => {
        const desk = new RiskDesk(
          limited({ fromMarkVol: 10, ...(name === 'openInterestShare' ? { orderUsd: INDEX } : {}), [name]: limit }),
        );
        world(desk);
        if (name === 'thetaUsd' && found > 100) desk.look();
        return answerOf(desk.askFor(ask));
      };
      const check: CheckName = LIMITS[name].check;
      const below = answer(found * (1 - 1e-6));
      expect(below.code).toBe(CHECKS[check].code);
      expect(below.limit).toBeCloseTo(found * (1 - 1e-6), 9);
      expect(Math.abs(below.found / found - 1)).toBeLessThan(1e-7);
      expect(answer(below.found).code).toBe(0);
    },
  );

  it('counts only what makes things worse: the same intent the other way round passes', () => {
    const answer = (changed: Parameters<typeof limited>[0], world: (desk: RiskDesk) => void, ask: Ask): number => {
      const desk = new RiskDesk(limited(changed));
      world(desk);
      return answerOf(desk.askFor(ask)).code;
    };
    expect(answer({ expiryDeltaUsd: INDEX }, (desk) => desk.exposure(5, 0), sell)).toBe(0);
    expect(answer({ expiryDeltaUsd: INDEX }, (desk) => desk.exposure(-5, 0), buy)).toBe(0);
    expect(answer({ expiryVega: 100 }, (desk) => desk.exposure(0, 50_000), sell)).toBe(0);
    expect(answer({ vega: 100 }, (desk) => desk.exposure(0, -50_000), buy)).toBe(0);
    expect(answer({ shortGammaUsd: 1, shortOptionsUsd: 1 }, nothing, buy)).toBe(0);
    expect(answer({ thetaUsd: 1 }, nothing, sell)).toBe(0);
    expect(answer({ nakedWingsUsd: 1 }, (desk) => desk.look(), buyWing)).toBe(0);
    expect(answer({ positionUsd: INDEX }, (desk) => desk.position(CALL, 3), sell)).toBe(0);
    expect(answer({ positionUsd: INDEX }, (desk) => desk.position(CALL, -3), buy)).toBe(0);
    // And what closes a position passes even where the book as a whole is beyond a limit.
    const isLong = (desk: RiskDesk): void => desk.position(CALL, 1);
    const isShort = (desk: RiskDesk): void => desk.position(CALL, -1);
    expect(answer({ shortGammaUsd: 1 }, isLong, sell)).toBe(0);
    expect(answer({ shortOptionsUsd: 1 }, isLong, sell)).toBe(0);
    expect(answer({ vannaUsd: 1 }, isShort, buy)).toBe(0);
    expect(answer({ rhoUsd: 1 }, isLong, sell)).toBe(0);
    expect(
      answer(
        { pinUsd: INDEX },
        (desk) => {
          isLong(desk);
          desk.exposure(0, 0, (expiry) => expiry.mutate_pinAmount(3));
        },
        sell,
      ),
    ).toBe(0);
    expect(answer({ expiryMinutes: 31 * 24 * 60 }, isLong, sell)).toBe(0);
    expect(
      answer(
        { openInterestShare: 0.1, orderUsd: INDEX },
        (desk) => {
          desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_openInterest(4));
          desk.position(CALL, 3);
        },
        sell,
      ),
    ).toBe(0);
  });

  it('of wings counts what covers them: bought ones of the same expiry and side', () => {
    const asked = (position: number): number => {
      const desk = new RiskDesk(limited({ nakedWingsUsd: 0.5 * INDEX }), 0, 1);
      desk.position(3, position);
      desk.look();
      return answerOf(desk.askFor(sellWing)).code;
    };
    // One that is held is closed by the first that is sold.
    expect(asked(0)).toBe(CHECKS.NAKED_WINGS.code);
    expect(asked(1)).toBe(0);
    const desk = new RiskDesk(limited({ nakedWingsUsd: 1.5 * INDEX }));
    desk.look();
    expect(answerOf(desk.askFor(sellWing)).code).toBe(0);
    expect(
      answerOf(
        desk.askFor((intent) => {
          sellWing(intent);
          intent.mutate_requestIndex(1);
        }),
      ).code,
    ).toBe(CHECKS.NAKED_WINGS.code);
  });

  it("bounds the other Greeks of what is under the venue's protection by two of its rounds, and of nothing else", () => {
    const desk = (flags: number): number => {
      const made = new RiskDesk({
        ...limited({ weightedVega: 200 }),
        venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 80 },
      });
      made.rests(3, OTHER_CALL, Side.BUY, 0.029, 10, flags);
      made.look();
      return answerOf(made.askFor(flagged(MMP, quoting(1)))).code;
    };
    expect(desk(MMP)).toBe(0);
    expect(desk(0)).toBe(CHECKS.WEIGHTED_VEGA.code);
  });
});

describe('the stage', () => {
  it('tells the worst cases with every fifth look of its own', () => {
    const desk = new RiskDesk();
    const told = Array.from(
      { length: 10 },
      () => desk.step().filter(({ type }) => type === MessageType.WORST_CASE).length,
    );
    expect(told).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });

  it("counts what is approved under the venue's protection as bounded by it, and other approvals as they are", () => {
    const asked = (flags: number): (string | 'approved')[] => {
      const desk = new RiskDesk({
        ...limited({ vega: 250, expiryVega: 250 }),
        venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 80 },
      });
      return [0, 1].map((index) =>
        desk.ask((intent) => {
          intent.mutate_flags(flags);
          intent.mutate_amount(3);
          intent.mutate_requestIndex(index);
        }),
      );
    };
    expect(asked(OrderFlag.MMP)).toEqual(['approved', 'approved']);
    expect(asked(0)).toEqual(['approved', 'EXPIRY_VEGA']);
  });

  it('reduces a short position by what is bought of it and no more, and a long one by what is sold', () => {
    const asked = (position: number, amount: number, ask: Ask): string => {
      const desk = new RiskDesk();
      desk.position(CALL, position);
      desk.command(2, StateScope.EVERYTHING);
      return desk.ask((intent) => {
        ask(intent);
        intent.mutate_amount(amount);
      });
    };
    expect([asked(-2, 2, buy), asked(-2, 3, buy), asked(2, 2, buy)]).toEqual(['approved', 'REDUCING', 'REDUCING']);
    expect([asked(2, 2, sell), asked(2, 3, sell), asked(-2, 2, sell)]).toEqual(['approved', 'REDUCING', 'REDUCING']);
  });
});

describe('rates', () => {
  it('count what was approved, and nothing that was refused', () => {
    const desk = new RiskDesk(limited({ requestsPerSecond: 2 }), 0, 1);
    expect(desk.ask(priced(-1))).toBe('PRICE');
    expect([desk.ask(), desk.ask(), desk.ask()]).toEqual(['approved', 'approved', 'RATE']);
    const hedger = new RiskDesk(limited({ hedgesPerMinute: 2 }), 0, 1);
    expect([hedger.ask(), hedger.ask(hedge), hedger.ask(hedge), hedger.ask(hedge)]).toEqual([
      'approved',
      'approved',
      'approved',
      'HEDGE_RATE',
    ]);
  });

  it('let a hedge take all of the delta away while everything reduces, short or long', () => {
    const asked = (delta: number, side: number): string => {
      const desk = new RiskDesk({}, 0, 1);
      desk.exposure(delta, 0);
      desk.command(2, StateScope.EVERYTHING);
      return desk.ask((intent) => {
        hedge(intent);
        intent.mutate_side(side);
      });
    };
    expect([asked(-10, Side.BUY), asked(10, Side.SELL)]).toEqual(['approved', 'approved']);
    expect([asked(-9.9, Side.BUY), asked(9.9, Side.SELL), asked(0, Side.BUY)]).toEqual(new Array(3).fill('REDUCING'));
  });
});

describe('prices', () => {
  const code = (changed: Parameters<typeof limited>[0], ask: Ask): number =>
    answerOf(new RiskDesk(limited(changed), 0, 1).askFor(ask)).code;

  it('may be so many vol points, and so many ticks, on the wrong side of theo', () => {
    // 6800 of vega are 0.1133 coins; 0.05 of volatility and a tick of 0.0005 are 0.00617.
    expect(code({}, priced(0.066))).toBe(0);
    expect(code({}, priced(0.0665))).toBe(CHECKS.FAR_FROM_THEO.code);
    expect(code({}, priced(0.054, sell))).toBe(0);
    expect(code({}, priced(0.0535, sell))).toBe(CHECKS.FAR_FROM_THEO.code);
    expect(code({ fromTheoTicks: 12.1 }, priced(0.066))).toBe(0);
    expect(code({ fromTheoTicks: 11.9 }, priced(0.066))).toBe(CHECKS.FAR_FROM_THEO.code);
    expect(code({ fromTheoTicks: 11.9 }, priced(0.054, sell))).toBe(CHECKS.FAR_FROM_THEO.code);
  });

  it('of options may be so many vol points on the wrong side of the mark, where there is one', () => {
    expect(code({ fromMarkVol: 0.05 }, priced(0.066))).toBe(0);
    const far = (mark: number, ask: Ask): number => {
      const desk = new RiskDesk(limited({ fromMarkVol: 0.05 }));
      desk.ticker(CALL, mark);
      return answerOf(desk.askFor(ask)).code;
    };
    expect(far(0.054, priced(0.06))).toBe(0);
    expect(far(0.0535, priced(0.06))).toBe(CHECKS.FAR_FROM_MARK.code);
    expect(far(0.066, priced(0.06, sell))).toBe(0);
    expect(far(0.0665, priced(0.06, sell))).toBe(CHECKS.FAR_FROM_MARK.code);
    // The other call has no mark.
    expect(code({ fromMarkVol: 0 }, buyOther)).toBe(0);
  });

  it('are those that the venue accepts: a bid at the top of its band, an offer at its bottom', () => {
    const band = (low: number, high: number, ask: Ask): number => {
      const desk = new RiskDesk();
      desk.ticker(CALL, 0.06, (ticker) => {
        ticker.mutate_minPrice(low);
        ticker.mutate_maxPrice(high);
      });
      return answerOf(desk.askFor(ask)).code;
    };
    expect(band(0.01, 0.0595, buy)).toBe(0);
    expect(band(0.01, 0.0594, buy)).toBe(CHECKS.VENUE_BAND.code);
    expect(band(0.06, 0.1, buy)).toBe(0);
    expect(band(0.0605, 0.1, sell)).toBe(0);
    expect(band(0.0606, 0.1, sell)).toBe(CHECKS.VENUE_BAND.code);
    expect(band(0.01, 0.06, sell)).toBe(0);
  });

  it('and amounts are numbers above nothing and below everything', () => {
    const amounts = [Number.NaN, 0, -1, Number.POSITIVE_INFINITY].map((amount) =>
      code({}, (intent) => intent.mutate_amount(amount)),
    );
    expect(amounts).toEqual(new Array(4).fill(CHECKS.AMOUNT.code));
    const prices = [Number.NaN, 0, -1, Number.POSITIVE_INFINITY].map((price) => code({}, priced(price)));
    expect(prices).toEqual(new Array(4).fill(CHECKS.PRICE.code));
    expect(code({}, (intent) => intent.mutate_side(0))).toBe(CHECKS.MALFORMED.code);
    expect(code({}, (intent) => intent.mutate_timeInForce(5))).toBe(CHECKS.MALFORMED.code);
    expect(code({}, (intent) => intent.mutate_timeInForce(4))).toBe(0);
  });

  it('may touch our own order nowhere, from either side, and are moved where an amendment puts them', () => {
    const desk = new RiskDesk();
    desk.rests(3, CALL, Side.SELL, 0.0605);
    desk.rests(4, CALL, Side.BUY, 0.0585);
    expect(desk.ask(priced(0.06))).toBe('approved');
    expect(answerOf(desk.askFor(priced(0.0605)))).toEqual({
      code: CHECKS.SELF_MATCH.code,
      found: 0.0605,
      limit: 0.0605,
    });
    expect(desk.ask(priced(0.059, sell))).toBe('approved');
    expect(desk.ask(priced(0.0585, sell))).toBe('SELF_MATCH');
    desk.ask((intent) => {
      intent.mutate_action(OrderAction.AMEND);
      intent.mutate_price(0.0595);
    });
    expect(desk.ask(priced(0.0595, sell))).toBe('SELF_MATCH');
    expect(desk.ask(priced(0.06, sell))).toBe('approved');
  });
});

describe('what rests of ours', () => {
  it('is forgotten of the slot alone whose order has ended, and the next best takes its place', () => {
    const desk = new RiskDesk();
    desk.rests(3, CALL, Side.BUY, 0.0595);
    desk.rests(4, CALL, Side.BUY, 0.06);
    desk.rests(5, CALL, Side.BUY, 0.059);
    desk.rests(4, CALL, Side.BUY, 0.06, 0);
    expect(desk.ask(priced(0.06, sell))).toBe('approved');
    expect(desk.ask(priced(0.0595, sell))).toBe('SELF_MATCH');
    desk.rests(3, CALL, Side.BUY, 0.0595, 0);
    expect(desk.ask(priced(0.059, sell))).toBe('SELF_MATCH');
    desk.rests(5, CALL, Side.BUY, 0.059, 0);
    expect(desk.ask(priced(0.059, sell))).toBe('approved');
  });

  it('of a slot that nobody has room for, or of an instrument beyond the table, is nothing', () => {
    const desk = new RiskDesk(limited({ positionUsd: 1.5 * INDEX }));
    const told = (slot: number, instrument: number): void => {
      desk.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
        update.mutate_slot(slot);
        update.mutate_instrument(instrument);
        update.mutate_side(Side.BUY);
        update.mutate_worstPrice(0.05);
        update.mutate_worstRemaining(1);
      });
    };
    told(16, CALL);
    told(3, 8);
    expect(desk.ask()).toBe('approved');
    told(15, CALL);
    expect(desk.ask((intent) => intent.mutate_requestIndex(1))).toBe('POSITION');
  });

  it('is in flight as the orders stage says', () => {
    const desk = new RiskDesk(limited({ inFlight: 3, openOrders: 10 }));
    const flying = (count: number): void => {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => request.mutate_inFlight(count));
    };
    flying(2);
    expect(desk.ask()).toBe('approved');
    flying(3);
    expect(answerOf(desk.askFor())).toEqual({ code: CHECKS.IN_FLIGHT.code, found: 3, limit: 3 });
    flying(0);
    desk.trading(TradingStateCode.READY, 9, 3);
    expect(answerOf(desk.askFor())).toEqual({ code: CHECKS.IN_FLIGHT.code, found: 3, limit: 3 });
    desk.trading(TradingStateCode.READY, 9);
    expect(desk.ask()).toBe('approved');
  });

  it('is at work as orders come and go: the state of trading, which tells their number too, is told only when it changes', () => {
    const desk = new RiskDesk(limited({ openOrders: 10 }));
    desk.trading(TradingStateCode.READY, 0);
    for (let slot = 0; slot < 9; slot++) desk.rests(slot, CALL, Side.BUY, 0.01, 0.1);
    // Told again, and smaller: still the same order.
    desk.rests(0, CALL, Side.BUY, 0.01, 0.05);
    const asked = desk.askFor()[0]!;
    expect(asked.type).toBe(MessageType.APPROVED_ORDER);
    desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => {
      request.mutate_requestSeq(asked.seq);
      request.mutate_status(RequestStatus.SENT);
    });
    desk.rests(9, CALL, Side.BUY, 0.01, 0.1);
    expect(answerOf(desk.askFor())).toEqual({ code: CHECKS.OPEN_ORDERS.code, found: 10, limit: 10 });
    desk.rests(9, CALL, Side.BUY, 0.01, 0);
    desk.rests(9, CALL, Side.BUY, 0.01, 0);
    expect(desk.ask((intent) => intent.mutate_requestIndex(1))).toBe('approved');
  });
});

describe('an operator', () => {
  const states = (written: readonly Written[]): RiskState[] =>
    written
      .filter(({ type }) => type === MessageType.RISK_STATE)
      .map(({ body }) => new RiskState().__init(0, new ViewBuffer(body.buffer)));
  const cancels = (written: readonly Written[]): ApprovedOrder[] =>
    written
      .filter(({ type }) => type === MessageType.APPROVED_ORDER)
      .map(({ body }) => new ApprovedOrder().__init(0, new ViewBuffer(body.buffer)));

  it('who reduces has quotes cancelled, who halts orders too, and who is obeyed twice is told once', () => {
    const desk = new RiskDesk();
    const reduced = desk.command(2, StateScope.EVERYTHING);
    expect(states(reduced).map((told) => [told.state(), told.previous(), told.armed()])).toEqual([
      [RiskMode.REDUCING, RiskMode.ACTIVE, 1],
    ]);
    expect(cancels(reduced).map((told) => [told.scope(), told.flags() & OrderFlag.ORDERS_TOO])).toEqual([
      [Scope.EVERYTHING, 0],
    ]);
    expect(desk.command(2, StateScope.EVERYTHING)).toEqual([]);
    const halted = desk.command(3, StateScope.STRATEGY, Strategy.QUOTER);
    expect(states(halted).map((told) => [told.scope(), told.key(), told.state()])).toEqual([
      [StateScope.STRATEGY, Strategy.QUOTER, RiskMode.HALTED],
    ]);
    expect(cancels(halted).map((told) => [told.scope(), told.flags() & OrderFlag.ORDERS_TOO])).toEqual([
      [Scope.EVERYTHING, OrderFlag.ORDERS_TOO],
    ]);
    expect(cancels(desk.command(1, StateScope.EVERYTHING))).toEqual([]);
  });

  it('who halts an expiry has the orders of its instruments cancelled one by one, where something rests', () => {
    const desk = new RiskDesk();
    desk.rests(3, CALL, Side.BUY, 0.0595);
    desk.rests(4, OTHER_CALL, Side.SELL, 0.031);
    desk.rests(5, PERPETUAL, Side.BUY, INDEX - 1, 10);
    const halted = desk.command(3, StateScope.EXPIRY);
    expect(states(halted).map((told) => [told.scope(), told.key(), told.expiry()])).toEqual([
      [StateScope.EXPIRY, 0, EXPIRY],
    ]);
    expect(cancels(halted).map((told) => [told.scope(), told.instrument(), told.action()])).toEqual([
      [Scope.INSTRUMENT, CALL, OrderAction.MASS_CANCEL],
      [Scope.INSTRUMENT, OTHER_CALL, OrderAction.MASS_CANCEL],
    ]);
  });

  it('who cancels all changes no state, who commands what there is not is not heard', () => {
    const desk = new RiskDesk();
    const cancelled = desk.command(4, StateScope.UNDERLYING, 1);
    expect([states(cancelled).length, cancels(cancelled).map((told) => [told.scope(), told.underlying()])]).toEqual([
      0,
      [[Scope.UNDERLYING, 1]],
    ]);
    expect(desk.command(9, StateScope.EVERYTHING)).toEqual([]);
    expect(desk.command(3, 9)).toEqual([]);
    expect(desk.ask()).toBe('approved');
  });

  it('sees a state of an underlying bind its hedges too, and one of another bind nothing here', () => {
    const desk = new RiskDesk();
    desk.command(3, StateScope.UNDERLYING, 1);
    expect(desk.ask()).toBe('approved');
    desk.command(3, StateScope.UNDERLYING, 0);
    expect([desk.ask(), desk.ask(hedge)]).toEqual(['HALTED', 'HALTED']);
  });
});

describe('data', () => {
  it('of a crossed book is as bad as none, and a book that nobody told of holds nothing up', () => {
    const desk = new RiskDesk();
    desk.top(CALL, BookState.CROSSED);
    expect(desk.ask()).toBe('BOOK_STALE');
    expect(desk.ask(buyOther)).toBe('approved');
  });

  it('of a value that is no number is none', () => {
    const desk = new RiskDesk();
    desk.theo(CALL, Number.NaN);
    expect(desk.ask()).toBe('THEO_UNUSABLE');
  });
});
