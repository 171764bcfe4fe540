import { join } from 'node:path';
import { core } from '../../../../actors/core.js';
import type { CoreSettings } from '../../../../actors/core-settings.js';
import { PAPER_DEFAULTS } from '../../../../actors/execution/paper/paper-execution.js';
import { PaperVenue } from '../../../../actors/execution/paper/paper-venue.js';
import { RunMode } from '../../../../actors/sequencer/sequencer.js';
import { analytics, approvedOrders, desiredQuotes, orderStates, reports, theos } from '../../../../actors/streams.js';
import { LatencySource } from '../../../../actors/venue-sim/latency.js';
import { RecordLane } from '../../../../actors/virtual-run/record-lane.js';
import { VirtualCalibrator } from '../../../../actors/virtual-run/virtual-calibrator.js';
import { VirtualLog } from '../../../../actors/virtual-run/virtual-log.js';
import { Attribution } from '../../../../schemas/generated/attribution.js';
import { DesiredQuote } from '../../../../schemas/generated/desired-quote.js';
import { SCHEMA_FINGERPRINT } from '../../../../schemas/generated/fingerprint.js';
import { Performance } from '../../../../schemas/generated/performance.js';
import { MessageType } from '../../../../schemas/message-type.js';
import { currentLayouts } from '../../../journal/layouts.js';
import { beginRun } from '../../../journal/runs.js';
import { loadSigningKey } from '../../../journal/signing-key.js';
import { JournalWriter } from '../../../journal/writer.js';
import { createStream } from '../../../runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../runtime/edge/record.js';
import { StreamReader } from '../../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../runtime/edge/stream-writer.js';
import type { HistoryRow } from '../../../store/history/history-row.js';
import { packageVersion } from '../../package-version.js';
import { UserError } from '../../user-error.js';
import { ProfitTotals } from '../profit-report.js';
import { ChainMarket } from './chain-market.js';
import type { Snapshot } from './snapshots.js';

/** How long the market of a snapshot stands still while it is quoted in, seconds of virtual time. */
const HOLD_SECONDS = 60;
/** How often what is known of the underlying is told again in that time: nothing else is. */
const PULSE_SECONDS = 2;
/** After it the feed is silent, until the engine itself has pulled what it quotes. */
const SILENCE_SECONDS = 75;
const MS = 1000;

/** The core, the venue on paper, and the journal of both. */
export class ChainRun {
  private readonly log: VirtualLog;
  private readonly calibrator: VirtualCalibrator;
  private readonly venue: PaperVenue;
  private readonly out: StreamWriter;
  private readonly told: StreamReader;
  private readonly lane = new RecordLane();
  private readonly journal: JournalWriter | undefined;
  private readonly folder: string | false;
  private readonly number: number;
  private readonly market: ChainMarket;
  private readonly totals = new ProfitTotals();
  private readonly tell: (line: string) => void;
  private readonly desired = new DesiredQuote();
  private readonly quoting = new Set<number>();
  private mostQuoted = 0;
  private fills = 0;
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
    this.market = new ChainMarket(this.log);
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
  async play(snapshot: Snapshot, marks: readonly HistoryRow[]): Promise<void> {
    const { log, market } = this;
    const { time } = snapshot;
    log.at(time * MS);
    if (market.ids.size === 0) {
      log.begin(this.number, RunMode.PAPER);
      this.venue.begin();
    }
    market.tell(snapshot, marks);
    this.mostQuoted = Math.max(this.mostQuoted, this.quoting.size);
    for (let second = PULSE_SECONDS; second <= HOLD_SECONDS; second += PULSE_SECONDS) {
      this.advanceTo(time + second * MS);
      market.pulse();
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
    const indices = this.market.indexNames();
    const report = this.totals.report(this.mostQuoted, (number) => indices[number] ?? `#${number}`);
    this.tell(this.progress(played, this.log.time / MS));
    this.tell(report.text());
    this.tell(this.venue.misses.text(this.venue.fills));
    if (this.folder !== false) report.keep(this.folder, this.number, 'paper');
    return 0;
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
