import { core } from '../../../actors/core.js';
import { type CoreSettings, OPTION_TRADING } from '../../../actors/core-settings.js';
import {
  approvedOrders,
  desiredHedges,
  desiredQuotes,
  exposures,
  intents,
  log,
  orderStates,
  theos,
  tops,
} from '../../../actors/streams.js';
import { passingStage, TO_BE_PASSED } from '../../../actors/testing/stage/passing-stage.js';
import { MARKET_MAKER_LIMITS } from '../../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../../actors/venue-sim/world/parameters.js';
import { VirtualRun } from '../../../actors/virtual-run/virtual-run.js';
import { InstrumentKind } from '../../../engine/market/instrument.js';
import { decodeInstrument } from '../../../engine/market/instrument-codec.js';
import type { CreditLimits } from '../../../engine/market/orders/credit-buckets.js';
import { TraderAction, TraderScope } from '../../../engine/market/quoting/trader-controls.js';
import { SIMULATION_LIMITS } from '../../../engine/market/risk/limits.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { prepareV8 } from '../../../engine/runtime/host/heap-and-compiler.js';
import { SingleThreadCore } from '../../../engine/runtime/host/single-thread-core.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { TraderControl } from '../../../schemas/generated/trader-control.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { BenchResult } from '../../report.js';
import { type Distribution, distributionOf } from '../../rig/distribution.js';

const STRIKES = 8;
/** Seconds of the simulated market before anything is measured: surfaces are fitted, quotes placed, code settles. */
const WARM_UP_SECONDS = 90;
const MEASURED_SECONDS = 60;
/** Events in which a trader makes the quotes of all options wider, or narrower again, and seconds in which the venue answers each. */
const CHAINS = 120;
const ANSWER_SECONDS = 0.1;
const EMPTY_EVENTS = 50_000;
const EVERYTHING = 1e9;
/** Nobody's limits are measured here. */
const WIDE: CreditLimits = { rate: EVERYTHING, burst: EVERYTHING };
const SETTINGS: CoreSettings = {
  instruments: 1024,
  bookDepth: 64,
  trading: {
    ...OPTION_TRADING,
    credits: { matching: WIDE, nonMatching: WIDE, quotes: WIDE, massQuotes: WIDE, cancelAll: WIDE, cancelHeadroom: 1 },
    needsMmp: true,
  },
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
};

/** The log of a simulated market of two chains, as the core heard it, event by event. */
interface Recording {
  events: Uint8Array[];
  /** Place of the first event behind the warm-up, and of the first of those in which all quotes change. */
  measured: number;
  chains: number;
}

function record(): Recording {
  const events: Uint8Array[] = [];
  const unlimited = { capacity: EVERYTHING, refillPerSecond: EVERYTHING };
  const run = new VirtualRun({
    seed: 1,
    core: SETTINGS,
    world: { ...WORLD, strikes: STRIKES },
    limits: { ...MARKET_MAKER_LIMITS, matching: unlimited, massQuotes: unlimited, cancelAll: unlimited },
    onEvent: (_type, { view }, offset) => {
      const length = view.getUint32(offset + HeaderOffset.LENGTH, true);
      events.push(new Uint8Array(view.buffer, view.byteOffset + offset, length).slice());
    },
  });
  run.advance(WARM_UP_SECONDS);
  const measured = events.length;
  run.advance(MEASURED_SECONDS);
  const chains = events.length;
  for (let event = 0; event < CHAINS; event++) {
    const { log: into } = run;
    into.finish();
    into.at(run.now * 1000);
    const at = into.open(MessageType.TRADER_CONTROL, TraderControl.sizeOf());
    const told = new TraderControl().__init(at + HEADER_BYTES, into.buffer);
    told.mutate_action(TraderAction.WIDTH);
    told.mutate_scope(TraderScope.EVERYTHING);
    told.mutate_value(event % 2 === 0 ? 1.5 : 1);
    told.mutate_nonce(event + 1);
    into.close(at);
    into.finish();
    run.session.flush();
    run.advance(ANSWER_SECONDS);
  }
  return { events, measured, chains };
}

/** Replays of the same log. Each event of each of them counts, as it came: what disturbs one of them speaks. */
const REPLAYS = 3;

/** Microseconds of the events of each kind that brought orders, and orders of all of them. */
interface Times {
  single: number[];
  chain: number[];
  chainOrders: number;
}

/** The recorded log again and again, through the stages up to the one that approves orders: an event at a time, with a look at the clock around it. */
function replays(recording: Recording): Times {
  const all = Array.from({ length: REPLAYS }, () => replay(recording));
  return {
    single: all.flatMap(({ single }) => single),
    chain: all.flatMap(({ chain }) => chain),
    chainOrders: all.reduce((sum, { chainOrders }) => sum + chainOrders, 0),
  };
}

function replay({ events, measured, chains }: Recording): Times {
  const stages = core(SETTINGS);
  const upToRisk = stages.slice(0, stages.findIndex(({ name }) => name === 'risk') + 1);
  const single = new SingleThreadCore({ stages: upToRisk, log, observed: [approvedOrders] });
  const writer = single.writer(log);
  const orders = single.reader(approvedOrders);
  const memory = new Uint8Array(writer.arena.memory, writer.arena.dataOffset);
  const options = new Set<number>();
  const times: Times = { single: [], chain: [], chainOrders: 0 };
  let approved = 0;
  for (const [place, bytes] of events.entries()) {
    const view = new DataView(bytes.buffer);
    const type = view.getUint16(HeaderOffset.TYPE, true);
    const subject = bytes.length > HEADER_BYTES + 4 ? view.getUint32(HEADER_BYTES, true) : -1;
    if (type === MessageType.INSTRUMENT_DEFINITION) {
      const { id, instrument } = decodeInstrument(bytes.subarray(HEADER_BYTES));
      if (instrument.kind === InstrumentKind.OPTION) options.add(id);
    }
    const offset = writer.claim(type, bytes.length - HEADER_BYTES);
    // Length and type stand there already.
    memory.set(bytes.subarray(8), offset + 8);
    approved = 0;
    const began = performance.now();
    writer.publish();
    writer.finish(view.getFloat64(HeaderOffset.SEQ, true));
    single.turn();
    const took = 1000 * (performance.now() - began);
    orders.poll((written) => {
      if (written === MessageType.APPROVED_ORDER) approved++;
    }, Number.POSITIVE_INFINITY);
    if (place < measured || approved === 0) continue;
    if (place >= chains && type === MessageType.TRADER_CONTROL) {
      times.chain.push(took);
      times.chainOrders += approved;
    } else if (place < chains && type === MessageType.BOOK_UPDATE && options.has(subject)) times.single.push(took);
  }
  return times;
}

/** Stages that pass one record on: what the machinery itself takes, with the clock where `replay` has it. */
function emptyPipeline(): number[] {
  const edges = [tops, theos, orderStates, exposures, desiredQuotes, desiredHedges, intents, approvedOrders];
  const single = new SingleThreadCore({
    stages: edges.map((edge, place) => passingStage(`stage-${place}`, edge, PASSED)),
    log,
    observed: edges,
  });
  const writer = single.writer(log);
  const readers = edges.map((edge) => single.reader(edge));
  const times: number[] = [];
  for (let event = 1; event <= EMPTY_EVENTS; event++) {
    const offset = writer.claim(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop.sizeOf());
    writer.buffer.view.setFloat64(offset + HeaderOffset.SEQ, event, true);
    const began = performance.now();
    writer.publish();
    writer.finish(event);
    single.turn();
    const took = 1000 * (performance.now() - began);
    for (const reader of readers) reader.poll(ignore, Number.POSITIVE_INFINITY);
    if (event >= EMPTY_EVENTS / 5) times.push(took);
  }
  return times;
}

const PASSED = [MessageType.BOOK_TOP];

function ignore(): void {}

/**
 * From an event of the log to what risk has approved of it: a recorded log of the simulated market of two chains through the core in one thread. Single events are
 * changes of an option's book; for the whole chain a trader makes all quotes wider, or narrower again.
 */
export function coreAlone(progress: (line: string) => void): BenchResult[] {
  // As on a thread of the engine.
  prepareV8();
  const recording = record();
  progress(`tick-to-quote: ${recording.events.length} events of a simulated market recorded`);
  const times = replays(recording);
  progress(`tick-to-quote: ${times.single.length} events of one option, ${times.chain.length} of the chain`);
  const empty = distributionOf(Float64Array.from(emptyPipeline()));
  const peer = 'eight stages that pass the record on, p99';
  const result = (name: string, values: readonly number[], note: string): BenchResult => {
    if (values.length === 0) return { name, unit: 'us', note: 'no event brought an order' };
    const found: Distribution = distributionOf(Float64Array.from(values));
    return {
      name,
      unit: 'us',
      ...found,
      peer,
      peerValue: empty.p99,
      ratio: empty.p99 / found.p99,
      note: `${values.length} events of ${REPLAYS} replays; ${note}`,
    };
  };
  const each = (times.chainOrders / Math.max(1, times.chain.length)).toFixed(1);
  return [
    { name: 'core alone: stages that pass a record on', unit: 'us', ...empty },
    result('core alone: event of one option to its approved orders', times.single, 'bar p50 10, p99 50 us'),
    result(
      'core alone: event of the chain to its last approved order',
      times.chain,
      `${each} orders each; bar p99 700 us`,
    ),
  ];
}
