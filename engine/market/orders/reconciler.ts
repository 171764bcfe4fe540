import type { PositionReport } from '../../../schemas/generated/position-report.js';
import type { ReconcileReport } from '../../../schemas/generated/reconcile-report.js';
import type { Cells } from './cells.js';
import { ReconcilePhase, ReconcileSubject, ReportSource } from './codes.js';
import type { OrderKeeper } from './order-keeper.js';

export interface ReconcilerSettings {
  instruments: number;
  /** Microseconds between reconciliations while all is well. */
  everyMicros: number;
  /** Microseconds after which one that has not ended has failed. */
  withinMicros: number;
}

/** Whole numbers of its state. */
const INT = { NUMBER: 0, PHASE: 1, BLOCKING: 2, FAILURES: 3, ENDED: 4, DIFFERING: 5, FAILED: 6, SIZE: 7 } as const;
/** Real ones. */
const NUM = { DUE: 0, ASKED_AT: 1, BEGUN_EVENT: 2, BEGUN_TIME: 3, SINCE: 4, LAST_ENDED: 5, SIZE: 6 } as const;
const Phase = { IDLE: 0, ASKED: 1, BEGUN: 2 } as const;

const FIRST_RETRY_MICROS = 1_000_000;
const LONGEST_RETRY_MICROS = 30_000_000;
/** Fills are asked for from this long before the last reconciliation, for clocks that differ and trades that were told late. */
const OVERLAP_MICROS = 60_000_000;
const DUST = 1e-9;
/** Reconciliations in a row in which a position must differ: one may fall between a trade and its being told. */
const DIFFERS_FOR_SURE = 2;

/** What it covers. */
export const WHOLE_ACCOUNT =
  ReconcileSubject.ORDERS | ReconcileSubject.FILLS | ReconcileSubject.POSITIONS | ReconcileSubject.ACCOUNT;

/**
 * When the venue is asked for the whole account, and what follows from its answer: at the start, when a connection has come
 * back, on a timer, and when something is in doubt. No new risk until the first one, and any that follows a lost connection,
 * has ended. One that fails says nothing: it is asked for again, and nothing is taken to be flat.
 */
export class Reconciler {
  readonly ints: Int32Array;
  readonly numbers: Float64Array;
  private readonly settings: ReconcilerSettings;
  private readonly keeper: OrderKeeper;
  /** By instrument: the position that we found less what we counted then. */
  private readonly opening: Float64Array;
  /** Size that the venue has told in the reconciliation under way less what was counted at that moment. */
  private readonly found: Float64Array;
  private readonly foundIn: Int32Array;
  private readonly differs: Int32Array;
  /** Event time at which an instrument is over: its position then goes without a trade. */
  private readonly expiry: Float64Array;

  constructor(cells: Cells, settings: ReconcilerSettings, keeper: OrderKeeper) {
    this.settings = settings;
    this.keeper = keeper;
    this.ints = cells.int32(INT.SIZE, 'reconciler: ints', INT);
    this.numbers = cells.float64(NUM.SIZE, 'reconciler: numbers', NUM);
    this.opening = cells.float64(settings.instruments, 'opening');
    this.found = cells.float64(settings.instruments, 'found');
    this.foundIn = cells.int32(settings.instruments, 'found in');
    this.differs = cells.int32(settings.instruments, 'differs');
    this.expiry = cells.float64(settings.instruments, 'expiry');
  }

  /** Number of the one under way or of the last one. */
  get number(): number {
    return this.ints[INT.NUMBER]!;
  }

  /** Those that have ended. */
  get ended(): number {
    return this.ints[INT.ENDED]!;
  }

  get isUnderWay(): boolean {
    return this.ints[INT.PHASE] !== Phase.IDLE;
  }

  /** No new risk until one has ended. */
  get blocks(): boolean {
    return this.ints[INT.BLOCKING] === 1;
  }

  get hasFailed(): boolean {
    return this.ints[INT.FAILED] === 1;
  }

  /** Instruments whose position is another than our fills make it. */
  get differing(): number {
    return this.ints[INT.DIFFERING]!;
  }

  /** What the venue should say is held of an instrument: what was held before our first fill, and our fills. */
  expected(instrument: number): number {
    return this.keeper.positions[instrument]! + this.opening[instrument]!;
  }

  /** Event time of the last one that ended; 0 for never. */
  get lastEnded(): number {
    return this.numbers[NUM.LAST_ENDED]!;
  }

  /** Fills are asked for from this time on. */
  get since(): number {
    return this.numbers[NUM.SINCE]!;
  }

  get begunAtEvent(): number {
    return this.numbers[NUM.BEGUN_EVENT]!;
  }

  expiresAt(instrument: number, time: number): void {
    if (instrument < this.expiry.length) this.expiry[instrument] = time;
  }

  /** The engine starts, or a connection has come back: nothing new until the account is known again. */
  block(): void {
    this.ints[INT.BLOCKING] = 1;
    this.ints[INT.FAILURES] = 0;
    // One that was begun before does not cover what happened since.
    this.ints[INT.PHASE] = Phase.IDLE;
    this.numbers[NUM.DUE] = this.keeper.now[0]!;
  }

  /** Something is in doubt: soon, but trading goes on. */
  hasten(): void {
    const soon = this.keeper.now[0]! + FIRST_RETRY_MICROS;
    if (this.ints[INT.ENDED]! > 0 && this.numbers[NUM.DUE]! > soon) this.numbers[NUM.DUE] = soon;
  }

  /** Whether to ask now; if so its number, what it covers and since when are set. */
  isDue(isConnected: boolean): boolean {
    const { ints, numbers, keeper, settings } = this;
    const now = keeper.now[0]!;
    if (ints[INT.PHASE] !== Phase.IDLE) {
      if (now < numbers[NUM.ASKED_AT]! + settings.withinMicros) return false;
      this.fail();
      return false;
    }
    if (!isConnected || numbers[NUM.DUE] === 0 || now < numbers[NUM.DUE]!) return false;
    ints[INT.NUMBER]! += 1;
    ints[INT.PHASE] = Phase.ASKED;
    numbers[NUM.ASKED_AT] = now;
    const last = numbers[NUM.LAST_ENDED]!;
    numbers[NUM.SINCE] = Math.max(keeper.now[2]!, last === 0 ? keeper.now[2]! : last - OVERLAP_MICROS);
    return true;
  }

  /** It could not be asked, or failed. */
  fail(): void {
    const { ints, numbers, keeper } = this;
    ints[INT.PHASE] = Phase.IDLE;
    ints[INT.FAILED] = 1;
    let pause = FIRST_RETRY_MICROS;
    for (let failure = 0; failure < ints[INT.FAILURES]! && pause < LONGEST_RETRY_MICROS; failure++) pause *= 2;
    ints[INT.FAILURES]! += 1;
    numbers[NUM.DUE] = keeper.now[0]! + Math.min(pause, LONGEST_RETRY_MICROS);
  }

  onReport(report: ReconcileReport): void {
    const { ints, numbers, keeper } = this;
    if (report.number() !== ints[INT.NUMBER] || ints[INT.PHASE] === Phase.IDLE) return;
    if (report.phase() === ReconcilePhase.BEGINS) {
      ints[INT.PHASE] = Phase.BEGUN;
      numbers[NUM.BEGUN_EVENT] = keeper.now[1]!;
      numbers[NUM.BEGUN_TIME] = keeper.now[0]!;
    } else if (report.phase() === ReconcilePhase.FAILED || ints[INT.PHASE] !== Phase.BEGUN) this.fail();
    else this.end(report.subject());
  }

  onPosition(report: PositionReport): void {
    const instrument = report.instrument();
    if (report.source() !== ReportSource.QUERY || instrument >= this.found.length) return;
    if (report.reconcile() !== this.ints[INT.NUMBER]) return;
    this.found[instrument] = report.size() - this.keeper.positions[instrument]!;
    this.foundIn[instrument] = report.reconcile();
  }

  private end(subject: number): void {
    const { ints, numbers, keeper, settings } = this;
    const withFills = (subject & ReconcileSubject.FILLS) !== 0;
    let doubtful = 0;
    if ((subject & ReconcileSubject.ORDERS) !== 0) {
      doubtful = keeper.findAbsent(ints[INT.NUMBER]!, numbers[NUM.BEGUN_EVENT]!, withFills);
    }
    if (withFills) {
      keeper.inferMissing(numbers[NUM.BEGUN_EVENT]!, numbers[NUM.BEGUN_TIME]!);
    }
    if ((subject & ReconcileSubject.POSITIONS) !== 0) this.comparePositions();
    ints[INT.PHASE] = Phase.IDLE;
    ints[INT.BLOCKING] = 0;
    ints[INT.FAILURES] = 0;
    ints[INT.FAILED] = 0;
    ints[INT.ENDED]! += 1;
    numbers[NUM.LAST_ENDED] = keeper.now[0]!;
    // What differs or is missing for the first time is looked at again soon.
    const soon = doubtful > 0 || ints[INT.DIFFERING]! > 0 || this.anyDiffers();
    numbers[NUM.DUE] = keeper.now[0]! + (soon ? FIRST_RETRY_MICROS : settings.everyMicros);
  }

  private comparePositions(): void {
    const { ints, keeper, opening, found, foundIn, differs, expiry } = this;
    const isFirst = ints[INT.ENDED] === 0;
    let differing = 0;
    for (let instrument = 0; instrument < opening.length; instrument++) {
      // An instrument that is not mentioned is flat.
      const gap = foundIn[instrument] === ints[INT.NUMBER] ? found[instrument]! : -keeper.positions[instrument]!;
      const isOver = expiry[instrument]! > 0 && keeper.now[0]! >= expiry[instrument]!;
      if (isFirst || isOver) {
        opening[instrument] = gap;
        differs[instrument] = 0;
        continue;
      }
      if (Math.abs(gap - opening[instrument]!) <= DUST) differs[instrument] = 0;
      else if (++differs[instrument]! >= DIFFERS_FOR_SURE) differing++;
    }
    ints[INT.DIFFERING] = differing;
  }

  private anyDiffers(): boolean {
    for (let instrument = 0; instrument < this.differs.length; instrument++) {
      if (this.differs[instrument] !== 0) return true;
    }
    return false;
  }
}
