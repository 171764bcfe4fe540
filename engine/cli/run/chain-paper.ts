import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CoreSettings, core, OPTION_TRADING } from '../../../actors/core.js';
import { PAPER_DEFAULTS } from '../../../actors/execution/paper/paper-execution.js';
import { PaperVenue } from '../../../actors/execution/paper/paper-venue.js';
import { RunMode } from '../../../actors/sequencer/sequencer.js';
import { analytics, approvedOrders, desiredQuotes, orderStates, reports, theos } from '../../../actors/streams.js';
import { LatencySource } from '../../../actors/venue-sim/latency.js';
import { RecordLane } from '../../../actors/virtual-run/record-lane.js';
import { VirtualCalibrator } from '../../../actors/virtual-run/virtual-calibrator.js';
import { VirtualLog } from '../../../actors/virtual-run/virtual-log.js';
import { Attribution } from '../../../schemas/generated/attribution.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { SCHEMA_FINGERPRINT } from '../../../schemas/generated/fingerprint.js';
import { Level } from '../../../schemas/generated/level.js';
import { Performance } from '../../../schemas/generated/performance.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { MessageType } from '../../../schemas/message-type.js';
import { currentLayouts } from '../../journal/layouts.js';
import { beginRun } from '../../journal/runs.js';
import { loadSigningKey } from '../../journal/signing-key.js';
import { journalExists } from '../../journal/store.js';
import { JournalWriter } from '../../journal/writer.js';
import { type Instrument, InstrumentKind, LifeCycle } from '../../market/instrument.js';
import { encodeInstrument } from '../../market/instrument-codec.js';
import { createStream } from '../../runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { StreamReader } from '../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../runtime/edge/stream-writer.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import { readFilterFile, withFilter } from '../filter/filter-file.js';
import { formatOf } from '../history/file-formats.js';
import { openTable } from '../history/table-file.js';
import { packageVersion } from '../package-version.js';
import { UserError } from '../user-error.js';
import { ProfitTotals } from './profit-report.js';

export interface ChainPaperOptions {
  /** A file of snapshots, or a folder with such files and with marks of perpetuals and futures. */
  path: string;
  journal: string | false;
  /** Snapshots that are played. */
  snapshots: number;
  /** File with model, refits and thresholds of the volatility filter. */
  filter?: string;
  tell(line: string): void;
}

const MOST_INSTRUMENTS = 4096;
/** How long the market of a snapshot stands still while it is quoted in, seconds of virtual time. */
const HOLD_SECONDS = 60;
/** How often what is known of the underlying is told again in that time: nothing else is. */
const PULSE_SECONDS = 2;
/** After it the feed is silent, until the engine itself has pulled what it quotes. */
const SILENCE_SECONDS = 75;
const MS = 1000;
/** Files tell no amounts: so many least amounts stand behind each price. */
const DISPLAYED_LOTS = 10;
/** Snapshots of one run of the collector are told within this, ms. */
const SAME_SNAPSHOT_MS = 600_000;

/** What the venue's own definitions say, and files of chains do not. */
function asListed(deduced: Instrument): Instrument {
  const isBitcoin = deduced.baseCurrency === 'BTC';
  const common = { ...deduced, state: LifeCycle.OPEN, created: 0 };
  if (deduced.kind === InstrumentKind.OPTION) {
    return {
      ...common,
      contractSize: 1,
      minimumAmount: isBitcoin ? 0.1 : 1,
      tickSize: 0.0001,
      tickSteps: [{ abovePrice: 0.005, tickSize: 0.0005 }],
      makerFee: 0.0003,
      takerFee: 0.0003,
    };
  }
  return {
    ...common,
    minimumAmount: isBitcoin ? 10 : 1,
    tickSize: isBitcoin ? 0.5 : 0.05,
    makerFee: 0,
    takerFee: 0.0005,
  };
}

interface Snapshot {
  /** Milliseconds since the Unix epoch. */
  time: number;
  rows: HistoryRow[];
}

/**
 * The core on recorded snapshots of chains, with the marks of perpetuals and futures that were recorded beside them, in virtual time and on paper. What
 * happened between two snapshots is not recorded: each market stands still for a minute, in which it is fitted, quoted and traded in, and then the
 * feed falls silent, and the engine pulls its quotes as it would live.
 */
export async function paperOnChains({
  path,
  journal: folder,
  snapshots,
  tell,
  filter,
}: ChainPaperOptions): Promise<number> {
  const { chains, marks } = filesOf(path);
  if (folder !== false && journalExists(folder)) {
    throw new UserError(
      `'${folder}' holds a journal already, and recorded time cannot follow it: name another folder with --journal, or --no-journal`,
    );
  }
  const usual: CoreSettings = {
    instruments: MOST_INSTRUMENTS,
    bookDepth: 4,
    ownInMarket: false,
    trading: { ...OPTION_TRADING, needsMmp: false },
    quoting: {},
    hedging: {},
    // Six hours may well move a coin by more than is believable from one tick to the next.
    filter: { forwardJump: 0.5 },
  };
  const settings = withFilter(usual, filter === undefined ? undefined : readFilterFile(filter));
  const run = await ChainRun.open(settings, folder, tell);
  const beside = await besideOf(marks);
  if (beside.length === 0) tell('no marks of perpetuals or futures beside these chains: what is traded is not hedged');
  let played = 0;
  for (const file of chains) {
    if (played >= snapshots) break;
    for await (const snapshot of snapshotsOf(file)) {
      if (played >= snapshots) break;
      const near = beside.filter(({ eventTime }) => Math.abs(eventTime / MS - snapshot.time) < SAME_SNAPSHOT_MS);
      await run.play(snapshot, near);
      played++;
      if (played % 10 === 0) tell(run.progress(played, snapshot.time));
    }
  }
  if (played === 0) throw new UserError(`${path}: expected snapshots of chains, found none`);
  return run.end(played);
}

function filesOf(path: string): { chains: string[]; marks: string[] } {
  if (!existsSync(path))
    throw new UserError(`${path}: expected a file of chain snapshots or a folder with them, found nothing`);
  if (!statSync(path).isDirectory()) return { chains: [path], marks: [] };
  const names = readdirSync(path).sort();
  const of = (pattern: RegExp): string[] => names.filter((name) => pattern.test(name)).map((name) => join(path, name));
  return { chains: of(/^chain.*\.csv(\.gz)?$/), marks: of(/marks.*\.csv(\.gz)?$/) };
}

async function* rowsOf(path: string): AsyncIterable<HistoryRow> {
  const table = await openTable(path);
  try {
    const reader = formatOf(path, table.columns).open(table.columns, path, { zoneMinutes: 0 });
    for await (const row of table.rows) yield* reader.read(row);
    yield* reader.end();
  } finally {
    table.close();
  }
}

async function besideOf(paths: readonly string[]): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = [];
  for (const path of paths) for await (const row of rowsOf(path)) rows.push(row);
  return rows;
}

async function* snapshotsOf(path: string): AsyncIterable<Snapshot> {
  let current: Snapshot | undefined;
  for await (const row of rowsOf(path)) {
    const time = row.eventTime / MS;
    if (current !== undefined && Math.abs(time - current.time) >= SAME_SNAPSHOT_MS) {
      yield current;
      current = undefined;
    }
    current ??= { time, rows: [] };
    current.rows.push(row);
  }
  if (current !== undefined) yield current;
}

/** The core, the venue on paper, and the journal of both. */
class ChainRun {
  private readonly log: VirtualLog;
  private readonly calibrator: VirtualCalibrator;
  private readonly venue: PaperVenue;
  private readonly out: StreamWriter;
  private readonly told: StreamReader;
  private readonly lane = new RecordLane();
  private readonly journal: JournalWriter | undefined;
  private readonly folder: string | false;
  private readonly number: number;
  private readonly ids = new Map<string, { id: number; instrument: Instrument }>();
  private readonly totals = new ProfitTotals();
  private readonly tell: (line: string) => void;
  private readonly desired = new DesiredQuote();
  private readonly quoting = new Set<number>();
  private mostQuoted = 0;
  private fills = 0;
  private changeId = 0;
  /** What is told of the underlying, again and again while a market stands. */
  private pulses: { id: number; bid: number; ask: number; index: number }[] = [];
  private readonly onTold = (_type: number, buffer: { view: DataView }, offset: number): void => {
    this.lane.copy(buffer.view, offset);
  };

  static async open(settings: CoreSettings, folder: string | false, tell: (line: string) => void): Promise<ChainRun> {
    if (folder === false) return new ChainRun(settings, folder, 1, undefined, tell);
    const key = loadSigningKey(join(folder, 'signing-key.pem'));
    const number = await beginRun(folder, key, {
      firstSeq: 1,
      restored: false,
      startedMicros: Date.now() * MS,
      version: packageVersion(),
      schemas: String(SCHEMA_FINGERPRINT),
      core: settings,
    });
    return new ChainRun(
      settings,
      folder,
      number,
      new JournalWriter({ folder, key, layouts: currentLayouts(MessageType) }),
      tell,
    );
  }

  private constructor(
    settings: CoreSettings,
    folder: string | false,
    number: number,
    journal: JournalWriter | undefined,
    tell: (line: string) => void,
  ) {
    this.folder = folder;
    this.number = number;
    this.journal = journal;
    this.tell = tell;
    const arena = createStream({ ...reports, readers: 1, engineRun: 1 });
    this.out = new StreamWriter(arena);
    this.told = new StreamReader(arena, 0);
    this.venue = new PaperVenue(this.out, { ...PAPER_DEFAULTS, instruments: settings.instruments, depth: 4 });
    this.log = new VirtualLog({ stages: core(settings) });
    this.calibrator = new VirtualCalibrator(
      this.log,
      new LatencySource({ kind: 'constant', ms: 25 }, 1, 'calibrations'),
    );
    this.log.onEvent = (type, buffer, offset) => {
      this.keep(buffer.view, offset);
      this.venue.onLog(type, buffer, offset);
    };
    this.log.hear(theos, this.calibrator.hear);
    this.log.onTimer = (edge, buffer, offset) => {
      if (edge.name === approvedOrders.name) this.keep(buffer.view, offset);
    };
    this.log.hear(approvedOrders, (type, buffer, offset) => {
      this.keep(buffer.view, offset);
      if (type === MessageType.APPROVED_ORDER) this.venue.take(buffer, offset, true);
      else if (type === MessageType.REFUSAL) this.venue.refuse(buffer, offset);
    });
    this.log.hear(desiredQuotes, (type, buffer, offset) => {
      if (type !== MessageType.DESIRED_QUOTE) return;
      const told = this.desired.__init(offset + HEADER_BYTES, buffer);
      if (told.bidAmount() > 0 || told.askAmount() > 0) this.quoting.add(told.instrument());
      else this.quoting.delete(told.instrument());
    });
    this.log.hear(orderStates, (type) => {
      if (type === MessageType.FILL) this.fills++;
    });
    const attribution = new Attribution();
    const performance = new Performance();
    this.log.hear(analytics, (type, buffer, offset) => {
      if (type === MessageType.ATTRIBUTION) this.totals.attribution(attribution.__init(offset + HEADER_BYTES, buffer));
      else if (type === MessageType.PERFORMANCE)
        this.totals.performance(performance.__init(offset + HEADER_BYTES, buffer));
    });
  }

  /** One snapshot, with the marks that were recorded beside it. */
  async play({ time, rows }: Snapshot, marks: readonly HistoryRow[]): Promise<void> {
    const { log } = this;
    log.at(time * MS);
    if (this.ids.size === 0) {
      log.begin(this.number, RunMode.PAPER);
      this.venue.begin();
    }
    this.pulses = [];
    const indices = new Map<string, number>();
    for (const { instrument, body } of rows)
      if (body.indexPrice! > 0) indices.set(instrument.baseCurrency, body.indexPrice!);
    for (const { instrument, body } of marks) this.hedgeMarket(instrument, body.markPrice!, indices);
    for (const row of rows) this.option(row, time);
    this.mostQuoted = Math.max(this.mostQuoted, this.quoting.size);
    for (let second = PULSE_SECONDS; second <= HOLD_SECONDS; second += PULSE_SECONDS) {
      this.advanceTo(time + second * MS);
      for (const { id, bid, ask, index } of this.pulses) this.ticker(id, bid, ask, Number.NaN, Number.NaN, index);
      this.mostQuoted = Math.max(this.mostQuoted, this.quoting.size);
    }
    this.advanceTo(time + (HOLD_SECONDS + SILENCE_SECONDS) * MS);
    await this.journal?.flush();
  }

  progress(played: number, time: number): string {
    const day = new Date(time).toISOString().slice(0, 16);
    return `${day}  ${played} snapshots, ${this.log.seq} log events, up to ${this.mostQuoted} options quoted at once, ${this.fills} fills`;
  }

  async end(played: number): Promise<number> {
    this.log.finish();
    await this.journal?.close(this.log.time);
    const indices: string[] = [];
    for (const { instrument } of this.ids.values())
      if (!indices.includes(instrument.priceIndex)) indices.push(instrument.priceIndex);
    const report = this.totals.report(this.mostQuoted, (number) => indices[number] ?? `#${number}`);
    this.tell(this.progress(played, this.log.time / MS));
    this.tell(report.text());
    this.tell(this.venue.misses.text(this.venue.fills));
    if (this.folder !== false) report.keep(this.folder, this.number, 'paper');
    return 0;
  }

  /** A perpetual or a future at its mark, a tick wide: nothing else of it was recorded. */
  private hedgeMarket(deduced: Instrument, mark: number, indices: ReadonlyMap<string, number>): void {
    if (!(mark > 0)) return;
    const id = this.idOf(deduced);
    if (id === undefined) return;
    const { tickSize } = this.ids.get(deduced.name)!.instrument;
    const bid = Math.floor(mark / tickSize) * tickSize;
    const ask = bid + tickSize;
    const index = indices.get(deduced.baseCurrency) ?? mark;
    this.book(id, bid, ask, 1e5);
    this.ticker(id, bid, ask, mark, Number.NaN, index);
    this.pulses.push({ id, bid, ask, index });
  }

  private option({ instrument, body }: HistoryRow, time: number): void {
    if (instrument.kind !== InstrumentKind.OPTION || !(body.underlyingPrice! > 0)) return;
    if (instrument.expiry <= time * MS) return;
    const id = this.idOf(instrument);
    if (id === undefined) return;
    const listed = this.ids.get(instrument.name)!.instrument;
    const bid = body.bidPrice! > 0 ? body.bidPrice! : Number.NaN;
    const ask = body.askPrice! > 0 ? body.askPrice! : Number.NaN;
    this.book(id, bid, ask, DISPLAYED_LOTS * listed.minimumAmount);
    this.ticker(id, bid, ask, body.markPrice!, body.underlyingPrice!, body.indexPrice!, body.markIv!);
  }

  private idOf(deduced: Instrument): number | undefined {
    const known = this.ids.get(deduced.name);
    if (known !== undefined) return known.id;
    const id = this.ids.size;
    if (id >= MOST_INSTRUMENTS) return undefined;
    const instrument = asListed(deduced);
    this.ids.set(deduced.name, { id, instrument });
    const bytes = encodeInstrument(id, instrument);
    const at = this.log.open(MessageType.INSTRUMENT_DEFINITION, bytes.length);
    bytes.forEach((byte, place) => {
      this.log.buffer.view.setUint8(at + HEADER_BYTES + place, byte);
    });
    this.log.close(at);
    return id;
  }

  private book(id: number, bid: number, ask: number, amount: number): void {
    const { log } = this;
    const levels = [bid, ask].filter((price) => price > 0);
    const at = log.open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + levels.length * Level.sizeOf());
    const update = new BookUpdate().__init(at + HEADER_BYTES, log.buffer);
    update.mutate_instrument(id);
    update.mutate_kind(1);
    update.mutate_changeId(++this.changeId);
    update.mutate_firstChangeId(Number.NaN);
    update.mutate_previousChangeId(Number.NaN);
    update.mutate_bidCount(bid > 0 ? 1 : 0);
    update.mutate_askCount(ask > 0 ? 1 : 0);
    levels.forEach((price, place) => {
      const level = new Level().__init(at + HEADER_BYTES + BookUpdate.sizeOf() + place * Level.sizeOf(), log.buffer);
      level.mutate_price(price);
      level.mutate_amount(amount);
    });
    log.close(at);
  }

  private ticker(
    id: number,
    bid: number,
    ask: number,
    mark: number,
    forward: number,
    index: number,
    markIv = Number.NaN,
  ): void {
    const { log } = this;
    const at = log.open(MessageType.TICKER, Ticker.sizeOf());
    // What a file does not tell is no number.
    for (let byte = 0; byte < Ticker.sizeOf(); byte += 8) log.buffer.writeFloat64(at + HEADER_BYTES + byte, Number.NaN);
    const told = new Ticker().__init(at + HEADER_BYTES, log.buffer);
    told.mutate_instrument(id);
    told.mutate_state(LifeCycle.OPEN);
    told.mutate_underlying(forward > 0 ? 2 : 0);
    told.mutate_bestBidPrice(bid > 0 ? bid : 0);
    told.mutate_bestBidAmount(bid > 0 ? 1 : 0);
    told.mutate_bestAskPrice(ask > 0 ? ask : 0);
    told.mutate_bestAskAmount(ask > 0 ? 1 : 0);
    told.mutate_markPrice(mark);
    told.mutate_markIv(markIv);
    told.mutate_underlyingPrice(forward);
    told.mutate_indexPrice(index);
    log.close(at);
  }

  /** Lets everything happen that is due until then: surfaces, requests, reports, timers. */
  private advanceTo(time: number): void {
    const { log, venue, calibrator, lane } = this;
    for (;;) {
      log.finish();
      this.post();
      const due = Math.min(lane.next, calibrator.lane.next, venue.next / MS, log.nextTimer / MS);
      if (!(due <= time)) break;
      log.at(due * MS);
      if (lane.next <= due) lane.arrive(log);
      else if (venue.next / MS <= due) {
        venue.advance(due * MS);
        this.post();
      } else if (calibrator.lane.next <= due) calibrator.lane.arrive(log);
      else log.fireTimer();
    }
    log.at(time * MS);
  }

  /** Reports that are due become events. */
  private post(): void {
    if (!this.venue.flush()) return;
    this.out.publish();
    this.told.poll(this.onTold, Number.POSITIVE_INFINITY);
    this.lane.send(this.venue.time / MS);
  }

  private keep(view: DataView, offset: number): void {
    if (this.journal === undefined) return;
    const words = new Int32Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength >> 2);
    const length = view.getUint32(offset + HeaderOffset.LENGTH, true);
    const seq = view.getFloat64(offset + HeaderOffset.SEQ, true);
    if (!this.journal.append(words, offset, length, seq))
      throw new UserError(`the journal takes no more: ${this.journal.problem || 'its disk is too slow'}`);
  }
}
