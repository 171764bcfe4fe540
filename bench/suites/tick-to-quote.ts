/**
 * From an event of the log to the last order that risk has approved of it: the whole core in one thread on the simulated market of two
 * chains, where a trader makes the quotes of one option wider, or those of all; beside stages that pass a record on and do nothing else. What
 * the time holds besides is the test bench's own: it hears every stage's output before the next event.
 *
 * Sockets are no part of it: `volfilter run --latency-log` measures those hops of an engine at work.
 */
import { OPTION_TRADING } from '../../actors/core.js';
import {
  approvedOrders,
  desiredHedges,
  desiredQuotes,
  exposures,
  intents,
  orderStates,
  theos,
  tops,
} from '../../actors/streams.js';
import { passingStage, TO_BE_PASSED } from '../../actors/testing/stage/passing-stage.js';
import { StageBench } from '../../actors/testing/stage/stage-bench.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { VirtualRun } from '../../actors/virtual-run/virtual-run.js';
import type { CreditLimits } from '../../engine/market/orders/credit-buckets.js';
import { TraderAction, TraderScope } from '../../engine/market/quoting/trader-controls.js';
import { SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { MessageType } from '../../schemas/message-type.js';
import type { BenchResult, BenchSuite } from '../report.js';
import { distributionOf } from '../rig/distribution.js';

const STRIKES = 8;
/** Seconds of the simulated market in which surfaces are fitted and quotes placed. */
const WARM_UP_SECONDS = 60;
/** Events of each kind, those before which code settles included; and seconds in which the venue answers each. */
const SINGLES = 3000;
const CHAINS = 120;
const SETTLING = 1 / 3;
const ANSWER_SECONDS = 0.02;
const EMPTY_EVENTS = 50_000;
const EVERYTHING = 1e9;
/** Nobody's limits are measured here. */
const WIDE: CreditLimits = { rate: EVERYTHING, burst: EVERYTHING };

/** Microseconds of each event, and orders that it brought. */
interface Times {
  micros: number[];
  orders: number;
}

class CoreAlone {
  private readonly run: VirtualRun;
  private orders = 0;
  private nonce = 0;
  /** Options that are quoted on both sides. */
  readonly quoted = new Set<number>();

  constructor() {
    const unlimited = { capacity: EVERYTHING, refillPerSecond: EVERYTHING };
    const credits = {
      matching: WIDE,
      nonMatching: WIDE,
      quotes: WIDE,
      massQuotes: WIDE,
      cancelAll: WIDE,
      cancelHeadroom: 1,
    };
    this.run = new VirtualRun({
      seed: 1,
      core: {
        instruments: 1024,
        bookDepth: 64,
        trading: { ...OPTION_TRADING, credits, needsMmp: true },
        quoting: {},
        hedging: {},
        risk: {
          limits: {
            ...SIMULATION_LIMITS,
            requestsPerSecond: EVERYTHING,
            repeatsPerSecond: EVERYTHING,
            inFlight: EVERYTHING,
          },
        },
      },
      world: { ...WORLD, strikes: STRIKES },
      limits: { ...MARKET_MAKER_LIMITS, matching: unlimited, massQuotes: unlimited, cancelAll: unlimited },
    });
    const desired = new DesiredQuote();
    this.run.hear(desiredQuotes, (type, buffer, offset) => {
      if (type !== MessageType.DESIRED_QUOTE) return;
      desired.__init(offset + HEADER_BYTES, buffer);
      if (desired.bidAmount() > 0 && desired.askAmount() > 0) this.quoted.add(desired.instrument());
      else this.quoted.delete(desired.instrument());
    });
    this.run.hear(approvedOrders, (type) => {
      if (type === MessageType.APPROVED_ORDER) this.orders++;
    });
    this.run.advance(WARM_UP_SECONDS);
  }

  /** So many events, each of which makes the quotes of one option or of all wider, and the next narrower again. */
  measure(count: number, instruments: readonly number[]): Times {
    const { run } = this;
    const times: Times = { micros: [], orders: 0 };
    for (let event = 0; event < count; event++) {
      const id = instruments[(event >> 1) % Math.max(1, instruments.length)];
      const { log } = run;
      log.finish();
      log.at(run.now * 1000);
      const at = log.open(MessageType.TRADER_CONTROL, TraderControl.sizeOf());
      const told = new TraderControl().__init(at + HEADER_BYTES, log.buffer);
      told.mutate_action(TraderAction.WIDTH);
      told.mutate_scope(id === undefined ? TraderScope.EVERYTHING : TraderScope.INSTRUMENT);
      told.mutate_instrument(id ?? 0);
      told.mutate_value(event % 2 === 0 ? 1.5 : 1);
      told.mutate_nonce(++this.nonce);
      log.close(at);
      this.orders = 0;
      const began = performance.now();
      log.finish();
      const took = 1000 * (performance.now() - began);
      if (event >= count * SETTLING && this.orders > 0) {
        times.micros.push(took);
        times.orders += this.orders;
      }
      run.session.flush();
      run.advance(ANSWER_SECONDS);
    }
    return times;
  }
}

/** Stages that pass one record on: what the machinery itself takes. */
function emptyPipeline(): number[] {
  const edges = [tops, theos, orderStates, exposures, desiredQuotes, desiredHedges, intents, approvedOrders];
  const bench = new StageBench(
    edges.map((edge, place) => passingStage(`stage-${place}`, edge, [MessageType.BOOK_TOP])),
    approvedOrders,
  );
  const times: number[] = [];
  for (let event = 0; event < EMPTY_EVENTS; event++) {
    const began = performance.now();
    bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => top.mutate_instrument(event % 400));
    if (event >= EMPTY_EVENTS / 5) times.push(1000 * (performance.now() - began));
  }
  return times;
}

export const suite: BenchSuite = (progress) => {
  const core = new CoreAlone();
  progress(`${core.quoted.size} options quoted on both sides`);
  const single = core.measure(
    SINGLES,
    [...core.quoted].sort((left, right) => left - right),
  );
  progress(`${single.micros.length} events of one option`);
  const chain = core.measure(CHAINS, []);
  progress(`${chain.micros.length} events of the chain`);
  const empty = distributionOf(Float64Array.from(emptyPipeline()));
  const peer = 'eight stages that pass the record on (99th percentile)';
  const result = (name: string, { micros, orders }: Times, aim: string): BenchResult => {
    if (micros.length === 0) return { name, unit: 'us', note: 'no event brought an order' };
    const found = distributionOf(Float64Array.from(micros));
    const note = `${micros.length} events, ${(orders / micros.length).toFixed(1)} orders each; ${aim}`;
    return { name, unit: 'us', ...found, peer, peerValue: empty.p99, ratio: empty.p99 / found.p99, note };
  };
  return [
    { name: 'stages that pass a record on', unit: 'us', ...empty },
    result('event of one option to its last approved order', single, 'aim p50 10, p99 50 us'),
    result('event of the chain to its last approved order', chain, 'aim p99 700 us'),
  ];
};
