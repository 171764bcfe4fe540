import { EdgeRow } from '../../../schemas/generated/edge-row.js';
import { FeedRow } from '../../../schemas/generated/feed-row.js';
import { InstrumentRow } from '../../../schemas/generated/instrument-row.js';
import { LogLine } from '../../../schemas/generated/log-line.js';
import { OutsideRow } from '../../../schemas/generated/outside-row.js';
import { StartStep } from '../../../schemas/generated/start-step.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { Instrument } from '../../market/instrument.js';
import type { EngineRun } from '../../runtime/arena/run-folder.js';
import { formatLatest, latestBytes } from '../../runtime/edge/create-latest.js';
import { LatestWriter } from '../../runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { allocateShared } from '../../runtime/host/shared-memory.js';
import type { ShownEdge } from '../../runtime/peers/peer-spec.js';
import type { EdgeTelemetry } from '../../runtime/supervision/edge-telemetry.js';
import { fillOutsideRow } from '../../telemetry/outside/outside-row.js';
import type { OutsideStatus } from '../../telemetry/outside/outside-status.js';
import type { FeedMemory } from './feed-source.js';
import { START_STEPS, type StartTimeline } from './start-timeline.js';

const LONGEST_NAMES = 256;
const LONGEST_LINE = 512;
const LINES = 1024;
/** Ends of streams, one for each reader. */
const MOST_ENDS = 512;
/** Keys of the engine's calls to the world outside; those behind them are for what gateways call themselves. */
const ENGINE_CALLS = 32;
const GATEWAY_CALLS = 32;
const levels = ['', 'info', 'warn', 'error', 'fatal'];

/**
 * What no actor shows because the main thread alone knows it: the instruments' definitions, the feed's counters, the lines of the log, and
 * how full the streams are, for the gateway.
 */
export class ShownBeside {
  readonly edges: ShownEdge[] = [];
  private readonly instruments: LatestWriter;
  private readonly feed: LatestWriter;
  private readonly log: LatestWriter;
  private readonly streams: LatestWriter;
  private readonly calls: LatestWriter;
  private readonly start: LatestWriter;
  private startSteps = 0;
  private readonly market: FeedMemory | undefined;
  private readonly encoder = new TextEncoder();
  private readonly indices: string[] = [];
  /** Names of the ends of streams, which stay what they are. */
  private readonly ends: Uint8Array[] = [];
  private read = 0;
  private lines = 0;

  constructor(run: EngineRun | undefined, engineRun: number, instruments: number, market: FeedMemory | undefined) {
    const open = (name: string, keys: number, maxBodyBytes: number): LatestWriter => {
      const options = { name, keys, maxBodyBytes, engineRun };
      const { memory, handle } = allocateShared(run, name, latestBytes(options));
      this.edges.push({ name, memory: handle });
      return new LatestWriter(formatLatest(memory, options));
    };
    this.market = market;
    this.instruments = open('instruments-shown', instruments, InstrumentRow.sizeOf() + LONGEST_NAMES);
    this.feed = open('feed-shown', 1, FeedRow.sizeOf());
    this.log = open('log-shown', LINES, LogLine.sizeOf() + LONGEST_LINE);
    this.streams = open('edges-shown', MOST_ENDS, EdgeRow.sizeOf() + LONGEST_NAMES);
    this.calls = open('outside-shown', ENGINE_CALLS + GATEWAY_CALLS, OutsideRow.sizeOf() + LONGEST_NAMES);
    this.start = open('start-shown', START_STEPS.length, StartStep.sizeOf() + LONGEST_NAMES);
  }

  /** A line, as `<level> <who>: <text>`. */
  note(text: string): void {
    const number = ++this.lines;
    const bytes = this.encoder.encode(text).subarray(0, LONGEST_LINE);
    const key = number % LINES;
    const at = this.open(this.log, key, MessageType.LOG_LINE, LogLine.sizeOf(), bytes);
    const line = new LogLine().__init(at, this.log.buffer);
    line.mutate_level(Math.max(1, levels.indexOf(text.slice(0, text.indexOf(' ')))));
    line.mutate_number(number);
    line.mutate_time(Date.now() * 1000);
    this.log.publish(key);
  }

  /** Shows what has changed since the last call. */
  refresh(): void {
    const { market } = this;
    if (market === undefined) return;
    this.read = market.definitions.read(this.read, (id, instrument) => this.define(id, instrument));
    const counters = market.counters.read();
    const at = this.open(this.feed, 0, MessageType.FEED_ROW, FeedRow.sizeOf());
    const row = new FeedRow().__init(at, this.feed.buffer);
    row.mutate_connections(counters.connectionsUp);
    row.mutate_connects(counters.connects);
    row.mutate_messages(counters.messages);
    row.mutate_bytes(counters.bytes);
    row.mutate_malformed(
      counters.malformed +
        counters.missing +
        counters.wrongType +
        counters.outOfRange +
        counters.unknownChannel +
        counters.unknownSubject +
        counters.tooLong +
        counters.tooMany +
        counters.binary,
    );
    row.mutate_books(counters.books);
    row.mutate_tickers(counters.tickers);
    row.mutate_trades(counters.trades);
    row.mutate_good(counters.good);
    row.mutate_repaired(counters.repaired);
    row.mutate_quarantined(counters.quarantined);
    row.mutate_dropped(counters.dropped);
    row.mutate_outagesOpen(counters.outagesOpen);
    row.mutate_resubscribed(counters.resubscribed);
    row.mutate_clockOffsetMicros(counters.clockOffsetMicros);
    this.feed.publish(0);
  }

  /** Shows how full the streams are. */
  showEdges(edges: readonly EdgeTelemetry[]): void {
    let key = 0;
    edges.forEach(({ name, writer, readers, ...edge }, number) => {
      readers.forEach((reader, place) => {
        if (key >= MOST_ENDS) return;
        this.ends[key] ??= this.encoder.encode(`${name}\t${writer}\t${reader.name}`).subarray(0, LONGEST_NAMES);
        const at = this.open(this.streams, key, MessageType.EDGE_ROW, EdgeRow.sizeOf(), this.ends[key]);
        const row = new EdgeRow().__init(at, this.streams.buffer);
        row.mutate_edge(number);
        row.mutate_reader(place);
        row.mutate_capacityBytes(edge.capacityBytes);
        row.mutate_records(edge.records);
        row.mutate_full(edge.full);
        row.mutate_highWaterBytes(edge.highWaterBytes);
        row.mutate_taken(reader.records);
        row.mutate_waitingBytes(reader.waitingBytes);
        this.streams.publish(key++);
      });
    });
  }

  /** Shows what became of calls to the world outside. */
  showOutside(statuses: readonly OutsideStatus[]): void {
    statuses.slice(0, ENGINE_CALLS).forEach((status, key) => {
      const name = this.encoder.encode(status.name).subarray(0, LONGEST_NAMES);
      const at = this.open(this.calls, key, MessageType.OUTSIDE_ROW, OutsideRow.sizeOf(), name);
      fillOutsideRow(new OutsideRow().__init(at, this.calls.buffer), key, status);
      this.calls.publish(key);
    });
  }

  /** Shows how far the start has got. */
  showStart({ steps }: StartTimeline): void {
    for (; this.startSteps < steps.length; this.startSteps++) {
      const [step, afterMs] = steps[this.startSteps]!;
      const key = START_STEPS.indexOf(step);
      const at = this.open(this.start, key, MessageType.START_STEP, StartStep.sizeOf(), this.encoder.encode(step));
      const row = new StartStep().__init(at, this.start.buffer);
      row.mutate_step(key);
      row.mutate_afterMs(afterMs);
      this.start.publish(key);
    }
  }

  private define(id: number, instrument: Instrument): void {
    if (id >= this.instruments.keys) return;
    let underlying = this.indices.indexOf(instrument.priceIndex);
    if (underlying < 0) underlying = this.indices.push(instrument.priceIndex) - 1;
    const { name, baseCurrency, quoteCurrency, settlementCurrency, counterCurrency, priceIndex } = instrument;
    const names = [name, baseCurrency, quoteCurrency, settlementCurrency, counterCurrency, priceIndex].join('\t');
    const text = this.encoder.encode(names).subarray(0, LONGEST_NAMES);
    const at = this.open(this.instruments, id, MessageType.INSTRUMENT_ROW, InstrumentRow.sizeOf(), text);
    const row = new InstrumentRow().__init(at, this.instruments.buffer);
    row.mutate_instrument(id);
    row.mutate_underlying(underlying);
    row.mutate_venue(instrument.venue);
    row.mutate_kind(instrument.kind);
    row.mutate_state(instrument.state);
    row.mutate_flags(
      (instrument.inverse ? 1 : 0) | (instrument.right === 'call' ? 2 : 0) | (instrument.right === 'put' ? 4 : 0),
    );
    row.mutate_strike(instrument.strike);
    row.mutate_expiry(instrument.expiry);
    row.mutate_contractSize(instrument.contractSize);
    row.mutate_minimumAmount(instrument.minimumAmount);
    row.mutate_tickSize(instrument.tickSize);
    row.mutate_makerFee(instrument.makerFee);
    row.mutate_takerFee(instrument.takerFee);
    this.instruments.publish(id);
  }

  /** Opens the slot of a key, with text behind the struct; where the struct begins. */
  private open(writer: LatestWriter, key: number, type: number, bytes: number, text?: Uint8Array): number {
    const at = writer.claim(key, type, bytes + (text?.length ?? 0));
    const body = at + HEADER_BYTES;
    writer.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, Date.now() * 1000, true);
    if (text !== undefined) writer.buffer.bytes().set(text, body + bytes);
    return body;
  }
}
