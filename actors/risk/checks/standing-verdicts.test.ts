import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryOf } from '../../../engine/market/orders/cells.js';
import { OrderAction, OrderFlag, RequestStatus, Side, TradingStateCode } from '../../../engine/market/orders/codes.js';
import { LIMIT, type LimitName } from '../../../engine/market/risk/limits.js';
import { RiskAction } from '../../../engine/market/risk/risk-action.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { StateScope } from '../../../engine/market/risk/risk-states.js';
import { ActorState } from '../../../engine/runtime/actor/actor-state.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { AccountReport } from '../../../schemas/generated/account-report.js';
import { EngineState } from '../../../schemas/generated/engine-state.js';
import { LimitChange } from '../../../schemas/generated/limit-change.js';
import { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { RequestUpdate } from '../../../schemas/generated/request-update.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookState } from '../../book/book.js';
import type { Written } from '../../testing/stage/stage-bench.js';
import { IntentChecks } from '../intent-checks.js';
import { BASE, type RiskConfig, RiskMemory } from '../risk-memory.js';
import {
  CALL,
  config,
  hedge,
  INDEX,
  limited,
  OTHER_CALL,
  PERPETUAL,
  RiskDesk,
  sell,
  sellWing,
  WING_CALL,
} from '../testing/risk-desk.js';
import { StandingVerdicts, VERDICT } from './standing-verdicts.js';

/** Low enough for a few of the steps below to break them. */
const LOW = limited({
  openOrders: 5,
  rejectsPerMinute: 3,
  underlyingAgeSeconds: 5,
  divergence: 0.02,
  perpetualDivergence: 0.01,
  ackLatencyMs: 100,
  fillsPerMinute: 4,
  oneSidedFills: 3,
  markoutLossUsd: 500,
  scenarioLossUsd: 100_000,
  marginUse: 0.5,
  mmpAmountUsd: 20_000,
  vega: 2000,
  thetaUsd: 3000,
  vannaUsd: 100_000,
});

type Step = (desk: RiskDesk) => Written[];

const said =
  (say: (desk: RiskDesk) => void): Step =>
  (desk) => {
    say(desk);
    return [];
  };

const near = (value: number, apart: number): fc.Arbitrary<number> =>
  fc.constantFrom(1 - apart, 1, 1, 1 + apart).map((factor) => value * factor);

/** Nothing is heard, and time passes: an underlying grows silent. */
const time: fc.Arbitrary<Step> = fc.constantFrom(1, 6).map((seconds) =>
  said((desk) => {
    desk.bench.time += seconds * 1e6;
  }),
);

/** Whatever moves what is judged of an underlying or an expiry, or of everything. */
const news: fc.Arbitrary<Step> = fc.oneof(
  near(INDEX, 0.012).map((mark) => said((desk) => desk.ticker(PERPETUAL, mark))),
  near(INDEX, 0.005).map((index) => said((desk) => desk.ticker(CALL, 0.06, (told) => told.mutate_indexPrice(index)))),
  near(INDEX, 0.03).map((forward) => said((desk) => desk.theo(CALL, 0.06, 0, forward))),
  fc.constantFrom(0, 5).map((orders) => said((desk) => desk.trading(TradingStateCode.READY, orders))),
  fc.constantFrom(100, 200_000).map((roundTrip) =>
    said((desk) => {
      for (let answer = 0; answer < 50; answer++) {
        desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (update) => {
          update.mutate_status(RequestStatus.REJECTED);
          update.mutate_roundTrip(roundTrip);
        });
      }
    }),
  ),
  fc.constantFrom(0.1, 0.9).map((margin) =>
    said((desk) =>
      desk.tell(MessageType.ACCOUNT_REPORT, AccountReport, (account) => {
        account.mutate_equity(1);
        account.mutate_initialMargin(margin);
      }),
    ),
  ),
  fc
    .constantFrom(EngineStateCode.ACTIVE, EngineStateCode.REDUCING, EngineStateCode.HALTED)
    .map((code) =>
      said((desk) => desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(code))),
    ),
  fc
    .constantFrom(RiskAction.ACTIVE, RiskAction.REDUCE)
    .chain((action) =>
      fc
        .constantFrom(StateScope.EVERYTHING, StateScope.UNDERLYING, StateScope.EXPIRY)
        .map((scope) => said((desk) => desk.command(action, scope))),
    ),
  fc.constantFrom<LimitName>('divergence', 'marginUse', 'thetaUsd').map((name) =>
    said((desk) =>
      desk.tell(MessageType.LIMIT_CHANGE, LimitChange, (change) => {
        change.mutate_limit(LIMIT[name]);
        change.mutate_value(0.01);
      }),
    ),
  ),
  fc
    .boolean()
    .map((isBuy) => said((desk) => desk.fill(CALL, (fill) => fill.mutate_side(isBuy ? Side.BUY : Side.SELL)))),
  fc.constantFrom(-20, 0, 2).map((size) => said((desk) => desk.position(WING_CALL, size))),
  fc.constantFrom(0, 1).map((state) => said((desk) => desk.top(CALL, state === 0 ? BookState.LIVE : BookState.STALE))),
  fc.constantFrom(1, 40).map(
    (steps): Step =>
      (desk) =>
        Array.from({ length: steps }, () => desk.step()).flat(),
  ),
);

const ask: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom('buy', 'sell', 'wing', 'hedge', 'other'),
    amount: fc.constantFrom(0.1, 1, 5),
    isQuote: fc.boolean(),
    reduces: fc.boolean(),
  })
  .map(
    ({ kind, amount, isQuote, reduces }): Step =>
      (desk) =>
        desk.askFor((intent) => {
          if (kind === 'sell') sell(intent);
          else if (kind === 'wing') sellWing(intent);
          else if (kind === 'hedge') hedge(intent);
          else if (kind === 'other') {
            intent.mutate_instrument(OTHER_CALL);
            intent.mutate_price(0.0295);
          }
          if (kind === 'hedge') return;
          intent.mutate_amount(amount);
          if (isQuote) {
            intent.mutate_action(OrderAction.QUOTE);
            intent.mutate_flags(OrderFlag.QUOTE | OrderFlag.MMP);
          } else if (reduces) intent.mutate_flags(OrderFlag.REDUCE_ONLY);
        }),
  );

const CONFIG: RiskConfig = { ...config, instruments: config.instruments + 4, ...LOW };
const STATE_BYTES = memoryOf((cells) => new RiskMemory(cells, CONFIG)).stateBytes;

/** What a stage that knows nothing but this state would answer to this intent: code, what it found, its limit. */
function judgedAlone(stage: Uint8Array, time: number, order: ViewBuffer): number[] {
  const state = new ActorState('risk', STATE_BYTES);
  const memory = new RiskMemory(state, CONFIG);
  // The runtime keeps its own part of a stage's state before the actor's.
  state.restore(stage.subarray(stage.length - STATE_BYTES));
  memory.acks.onRestore();
  const checks = new IntentChecks(memory, Float64Array.of(time));
  const code = checks.check(new OrderIntent().__init(0, order));
  return code === 0 ? [0] : [code, checks.found[0]!, checks.limit[0]!];
}

/** The answer to an intent, and the intent. */
function answered(written: readonly Written[]): { told: number[]; order: ViewBuffer } | undefined {
  const answer = written.find(({ type }) => type === MessageType.REFUSAL || type === MessageType.APPROVED_ORDER);
  if (answer === undefined) return undefined;
  const { body } = answer;
  if (answer.type === MessageType.APPROVED_ORDER)
    return { told: [0], order: new ViewBuffer(body.buffer as ArrayBuffer) };
  const refusal = new Refusal().__init(0, new ViewBuffer(body.buffer as ArrayBuffer));
  const order = new ViewBuffer(body.slice(structOffset(Refusal, 'order')).buffer);
  return { told: [refusal.code(), refusal.found(), refusal.limit()], order };
}

describe('what is judged once for all intents that follow each other', () => {
  it('is what would be judged for each of them alone, whatever is heard between them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 4, arbitrary: ask }, { weight: 1, arbitrary: time }, { weight: 2, arbitrary: news }),
          {
            minLength: 30,
            maxLength: 60,
          },
        ),
        (steps) => {
          const desk = new RiskDesk(LOW, 0, 1);
          for (const step of steps) {
            const before = desk.bench.core.states().get('risk')!;
            const answer = answered(step(desk));
            if (answer !== undefined) expect(answer.told).toEqual(judgedAlone(before, desk.bench.time, answer.order));
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is of one event time, and of what was heard until then', () => {
    const memory = new RiskMemory(new ActorState('risk', STATE_BYTES), CONFIG);
    const now = Float64Array.of(1e15);
    memory.ofUnderlying[BASE.HEARD] = now[0]!;
    const verdicts = new StandingVerdicts(memory, now);
    const health = (): number => {
      verdicts.look(0, 0);
      return verdicts.codeOf(0, VERDICT.HEALTH);
    };
    expect(health()).toBe(0);
    now[0]! += 6e6;
    expect(health()).toBe(RiskCode.UNDERLYING_STALE);
    memory.ofUnderlying[BASE.HEARD] = now[0]!;
    expect(health()).toBe(RiskCode.UNDERLYING_STALE);
    verdicts.forget();
    expect(health()).toBe(0);
  });
});
