import type { Cells } from '../orders/cells.js';
import { Contract, isInverse, isOption } from '../portfolio/contract.js';
import { FACT, FACT_FIELDS, type RiskTable } from '../risk/risk-table.js';
import { INITIAL, MAINTENANCE, MARGIN, StandardMargin, type StandardMarginRates } from './standard-margin.js';

/** What additions and subtractions may leave of a margin of nothing, settlement currency. */
const DUST = 1e-12;
/** More than rounding can make of a sum. */
const ROUNDING = 1 + 1e-9;
/** Currencies that margin may be held in. */
const MOST_CURRENCIES = 8;

/** Numbers of an instrument, in this order in its row. */
const ROW = {
  /** Amounts of open bids and offers, and the sum of amount times price of the bids. */
  BIDS: 0,
  OFFERS: 1,
  BID_VALUE: 2,
  /** Margins of one short option, at the newest mark and index. */
  SHORT_INITIAL: 3,
  SHORT_MAINTENANCE: 4,
  /** What the instrument adds to its currency's margins. */
  INITIAL: 5,
  MAINTENANCE: 6,
} as const;
const ROW_FIELDS = 7;

/** Numbers of a currency, in this order in its row. */
const SUM = {
  INITIAL: 0,
  MAINTENANCE: 1,
  /** As the venue told them last. */
  EQUITY: 2,
  TOLD_MAINTENANCE: 3,
  TOLD_INITIAL: 4,
} as const;
const SUM_FIELDS = 5;

/** How an account's margin is reckoned, as far as the venue has said. */
export const AccountMargin = { UNKNOWN: 0, STANDARD: 1, PORTFOLIO: 2 } as const;

/**
 * The account's margins by currency, of what is held and of the worst that open orders could make of it: kept as orders, positions and marks come, and asked what they would be with an
 * order more. Of an account under portfolio margin, whose parts net against each other, only what the venue tells is known.
 */
export class MarginBook {
  /** [amount, price] by which `move` changes what is open. */
  readonly change = new Float64Array(2);
  /** [equity, maintenance margin, initial margin] that `tell` takes. */
  readonly told = new Float64Array(3);
  /** [share of the equity] that `after`, `maintenanceUse` and `initialUse` found. */
  readonly share = new Float64Array(1);
  private readonly table: RiskTable;
  private readonly standard: StandardMargin;
  private readonly rows: Float64Array;
  private readonly sums: Float64Array;
  /** Two words of each currency's name, and how its margin is reckoned; place + 1 of each instrument's currency. */
  private readonly names: Int32Array;
  private readonly models: Int32Array;
  private readonly currencies: Int32Array;
  /** Index at which each instrument was valued last; NaN where it was not since the start. */
  private readonly valuedAt: Float64Array;

  constructor(cells: Cells, table: RiskTable, instruments: number, rates: StandardMarginRates) {
    this.table = table;
    this.standard = new StandardMargin(rates);
    this.rows = cells.float64(instruments * ROW_FIELDS, 'margin book: rows', ROW);
    this.sums = cells.float64(MOST_CURRENCIES * SUM_FIELDS, 'margin book: sums', SUM);
    this.names = cells.int32(2 * MOST_CURRENCIES, 'names');
    this.models = cells.int32(MOST_CURRENCIES, 'models');
    this.currencies = cells.int32(instruments, 'currencies');
    this.valuedAt = new Float64Array(instruments).fill(Number.NaN);
  }

  onRestore(): void {
    this.valuedAt.fill(Number.NaN);
  }

  /** Gives an instrument the currency that it settles in, by two words of its name. */
  define(instrument: number, word0: number, word1: number): void {
    this.currencies[instrument] = this.placeOf(word0, word1) + 1;
  }

  /** The venue has told equity and margins of a currency, in `told`. */
  tell(word0: number, word1: number, model: number): void {
    const place = this.placeOf(word0, word1);
    if (place < 0) return;
    this.models[place] = model;
    this.sums[place * SUM_FIELDS + SUM.EQUITY] = this.told[0]!;
    this.sums[place * SUM_FIELDS + SUM.TOLD_MAINTENANCE] = this.told[1]!;
    this.sums[place * SUM_FIELDS + SUM.TOLD_INITIAL] = this.told[2]!;
  }

  /** Adds `change` to what is open on one side of an instrument. */
  move(instrument: number, isSell: boolean): void {
    const { rows, change } = this;
    const row = instrument * ROW_FIELDS;
    if (isSell) rows[row + ROW.OFFERS]! += change[0]!;
    else {
      rows[row + ROW.BIDS]! += change[0]!;
      // Of an order whose price nobody has told no premium is known.
      rows[row + ROW.BID_VALUE]! += change[1]! > 0 ? change[0]! * change[1]! : 0;
    }
    this.count(instrument);
  }

  /** The position of an instrument has changed. */
  hold(instrument: number): void {
    this.count(instrument);
  }

  /** Whether an instrument was valued at this index already: each new mark is followed by a valuation. */
  isValuedAt(instrument: number, index: Float64Array, at: number): boolean {
    return this.valuedAt[instrument] === index[at];
  }

  /** Values an instrument at its newest mark; `index[at]` is that of its underlying. */
  value(instrument: number, index: Float64Array, at: number): void {
    const { table, rows, standard } = this;
    this.valuedAt[instrument] = index[at]!;
    const { numbers, margins } = standard;
    const contract = table.contracts[instrument]!;
    if (isOption(contract) && index[at]! > 0) {
      const facts = instrument * FACT_FIELDS;
      const mark = table.facts[facts + FACT.MARK]!;
      numbers[MARGIN.INDEX] = index[at]!;
      numbers[MARGIN.STRIKE] = table.facts[facts + FACT.STRIKE]!;
      numbers[MARGIN.MARK] = mark > 0 ? mark : 0;
      standard.ofShort(table.facts[facts + FACT.RIGHT]! > 0, isInverse(contract));
      rows[instrument * ROW_FIELDS + ROW.SHORT_INITIAL] = margins[INITIAL]!;
      rows[instrument * ROW_FIELDS + ROW.SHORT_MAINTENANCE] = margins[MAINTENANCE]!;
    }
    this.count(instrument);
  }

  /** Whether an option's margins are known; a future's follow from its mark. */
  isValued(instrument: number): boolean {
    return this.rows[instrument * ROW_FIELDS + ROW.SHORT_INITIAL] !== 0;
  }

  /** Takes the sums of every currency anew: additions and subtractions leave rounding behind, and this takes it away. */
  recount(): void {
    const { rows, sums, currencies, table } = this;
    for (let place = 0; place < MOST_CURRENCIES; place++) {
      sums[place * SUM_FIELDS + SUM.INITIAL] = 0;
      sums[place * SUM_FIELDS + SUM.MAINTENANCE] = 0;
    }
    for (let instrument = 0; instrument < table.end; instrument++) {
      const row = instrument * ROW_FIELDS;
      const sum = (currencies[instrument]! - 1) * SUM_FIELDS;
      if (sum < 0) continue;
      sums[sum + SUM.INITIAL]! += rows[row + ROW.INITIAL]!;
      sums[sum + SUM.MAINTENANCE]! += rows[row + ROW.MAINTENANCE]!;
    }
  }

  /** Whether something of an instrument is held or open: only that is worth valuing. */
  isLive(instrument: number): boolean {
    const row = instrument * ROW_FIELDS;
    const position = this.table.facts[instrument * FACT_FIELDS + FACT.POSITION];
    return position !== 0 || this.rows[row + ROW.BIDS] !== 0 || this.rows[row + ROW.OFFERS] !== 0;
  }

  /**
   * What share of the equity of an instrument's currency initial margin would be with `added[0]` at the price `numbers[at]` open beside all that is: left in `share`.
   * @returns whether it is known: of an account under standard margin whose equity the venue has told
   */
  after(instrument: number, isSell: boolean, added: Float64Array, numbers: Float64Array, at: number): boolean {
    const place = this.currencies[instrument]! - 1;
    if (place < 0 || this.models[place] !== AccountMargin.STANDARD) return false;
    const { sums, rows, standard } = this;
    const row = instrument * ROW_FIELDS;
    this.gather(instrument);
    if (isSell) standard.numbers[MARGIN.OFFERS]! += added[0]!;
    else {
      standard.numbers[MARGIN.BIDS]! += added[0]!;
      standard.numbers[MARGIN.BID_VALUE]! += added[0]! * numbers[at]!;
    }
    this.reckon(instrument);
    const initial = sums[place * SUM_FIELDS + SUM.INITIAL]! - rows[row + ROW.INITIAL]! + standard.margins[INITIAL]!;
    this.shareOf(place, initial);
    return true;
  }

  /**
   * A quick look at what `after` reckons: whether initial margin surely stays within the share `limits[limit]` of the equity, or nothing is known that could say otherwise. An option adds no
   * more than the margin of what is offered, or the premium of what is bid for; where it closes a short there is more to be reckoned, and a future adds by its square.
   */
  surelyWithin(
    instrument: number,
    isSell: boolean,
    added: Float64Array,
    numbers: Float64Array,
    at: number,
    limits: Float64Array,
    limit: number,
  ): boolean {
    const { sums, rows, table } = this;
    const place = this.currencies[instrument]! - 1;
    if (place < 0 || this.models[place] !== AccountMargin.STANDARD) return true;
    if (!isOption(table.contracts[instrument]!)) return false;
    if (!isSell && !(table.facts[instrument * FACT_FIELDS + FACT.POSITION]! >= 0)) return false;
    const ofOne = isSell ? rows[instrument * ROW_FIELDS + ROW.SHORT_INITIAL]! : numbers[at]!;
    const sum = place * SUM_FIELDS;
    // Written so that what is no number is reckoned.
    return (sums[sum + SUM.INITIAL]! + added[0]! * ofOne) * ROUNDING <= limits[limit]! * sums[sum + SUM.EQUITY]!;
  }

  /**
   * The greatest share of a currency's equity that maintenance margin is, by our own count or by the venue's word: left in `share`. At 1 the venue liquidates. Infinite where something is held
   * or open under portfolio margin and the venue has not said what it needs.
   */
  maintenanceUse(): void {
    const { sums, models, share } = this;
    let most = 0;
    for (let place = 0; place < MOST_CURRENCIES; place++) {
      if (models[place] === AccountMargin.UNKNOWN) continue;
      const row = place * SUM_FIELDS;
      const told = sums[row + SUM.TOLD_MAINTENANCE]!;
      const counted = sums[row + SUM.MAINTENANCE]!;
      if (models[place] === AccountMargin.STANDARD) this.shareOf(place, told > counted ? told : counted);
      // Of an account under portfolio margin our own count says no more than whether anything there needs margin.
      else this.shareOf(place, Number.isNaN(told) && sums[row + SUM.INITIAL]! <= DUST ? 0 : told);
      if (share[0]! > most) most = share[0]!;
    }
    share[0] = most;
  }

  /** The greatest share of a currency's equity that initial margin is by the venue's word: left in `share`. Each currency has an equity of its own. */
  initialUse(): void {
    const { sums, models, share } = this;
    let most = 0;
    for (let place = 0; place < MOST_CURRENCIES; place++) {
      if (models[place] === AccountMargin.UNKNOWN) continue;
      this.shareOf(place, sums[place * SUM_FIELDS + SUM.TOLD_INITIAL]!);
      if (share[0]! > most) most = share[0]!;
    }
    share[0] = most;
  }

  /** [initial, maintenance] margin of a currency by our own count, settlement currency; for people and tests. */
  marginsOf(word0: number, word1: number): [initial: number, maintenance: number] {
    const row = this.placeOf(word0, word1) * SUM_FIELDS;
    return [this.sums[row + SUM.INITIAL]!, this.sums[row + SUM.MAINTENANCE]!];
  }

  /** What is owed without anything to owe it from is beyond every limit, and so is a margin that is no number. */
  private shareOf(place: number, margin: number): void {
    const equity = this.sums[place * SUM_FIELDS + SUM.EQUITY]!;
    if (margin <= DUST) this.share[0] = 0;
    else this.share[0] = equity > 0 && margin > 0 ? margin / equity : Number.POSITIVE_INFINITY;
  }

  private count(instrument: number): void {
    const { rows, sums, standard } = this;
    const sum = (this.currencies[instrument]! - 1) * SUM_FIELDS;
    if (sum < 0) return;
    const row = instrument * ROW_FIELDS;
    this.gather(instrument);
    this.reckon(instrument);
    sums[sum + SUM.INITIAL]! += standard.margins[INITIAL]! - rows[row + ROW.INITIAL]!;
    sums[sum + SUM.MAINTENANCE]! += standard.margins[MAINTENANCE]! - rows[row + ROW.MAINTENANCE]!;
    rows[row + ROW.INITIAL] = standard.margins[INITIAL]!;
    rows[row + ROW.MAINTENANCE] = standard.margins[MAINTENANCE]!;
  }

  private gather(instrument: number): void {
    const { rows, table } = this;
    const { numbers } = this.standard;
    const row = instrument * ROW_FIELDS;
    const facts = instrument * FACT_FIELDS;
    numbers[MARGIN.MARK] = table.facts[facts + FACT.MARK]!;
    numbers[MARGIN.POSITION] = table.facts[facts + FACT.POSITION]!;
    numbers[MARGIN.BIDS] = rows[row + ROW.BIDS]!;
    numbers[MARGIN.OFFERS] = rows[row + ROW.OFFERS]!;
    numbers[MARGIN.BID_VALUE] = rows[row + ROW.BID_VALUE]!;
    numbers[MARGIN.SHORT_INITIAL] = rows[row + ROW.SHORT_INITIAL]!;
    numbers[MARGIN.SHORT_MAINTENANCE] = rows[row + ROW.SHORT_MAINTENANCE]!;
  }

  private reckon(instrument: number): void {
    const contract = this.table.contracts[instrument]!;
    if (isOption(contract)) this.standard.ofOption();
    else this.standard.ofFuture(contract === Contract.FUTURE_INVERSE);
  }

  /** Place of a currency, which it gets when it is first asked for; -1 where there is no room. */
  private placeOf(word0: number, word1: number): number {
    const { names } = this;
    if (word0 === 0) return -1;
    for (let place = 0; place < MOST_CURRENCIES; place++) {
      if (names[2 * place] === word0 && names[2 * place + 1] === word1) return place;
      if (names[2 * place] !== 0) continue;
      names[2 * place] = word0;
      names[2 * place + 1] = word1;
      return place;
    }
    return -1;
  }
}
