import { INITIAL, MAINTENANCE, MARGIN, StandardMargin } from '../../../engine/market/margin/standard-margin.js';
import type { AccountTable } from './accounts.js';
import { MarginModel, Side } from './codes.js';
import type { ExchangeConfig } from './config.js';
import type { IndexTable } from './indices.js';
import type { InstrumentTable } from './instruments.js';
import { MarginGrid } from './margin-grid.js';
import type { PositionTable } from './positions.js';

const NOBODY = -1;

/** What margins are worked out from. */
export interface MarginParts {
  config: ExchangeConfig;
  clock: Float64Array;
  indices: IndexTable;
  instruments: InstrumentTable;
  accounts: AccountTable;
  positions: PositionTable;
}

/** An account's state in one currency, in that currency. */
export interface MarginSummary {
  balance: number;
  /** With the session's profit of futures and the value of options. */
  equity: number;
  /** What margins are set against. */
  marginBalance: number;
  initialMargin: number;
  maintenanceMargin: number;
  /** Profit of the session in futures, realised or not. */
  sessionProfit: number;
  optionValue: number;
  availableFunds: number;
}

/** Sums of one account's currency under portfolio margin, each of them by scenario: the position, open bids, open offers. */
interface ScenarioSums {
  held: Float64Array;
  bids: Float64Array;
  offers: Float64Array;
}

/**
 * Margins of accounts that have any. Each pair of account and instrument adds its part to sums by account and currency; a change
 * of one pair changes only its part, and all are worked out anew at the risk interval, as marks move.
 */
export class Margins {
  readonly #parts: MarginParts;
  readonly #grid: MarginGrid;
  readonly #standard: StandardMargin;
  readonly #assessedAt: Float64Array;
  readonly #sums = new Map<number, ScenarioSums>();
  /** Lots of each record that its account's scenario sums hold. */
  readonly #heldLots: Float64Array;
  readonly #bidLots: Float64Array;
  readonly #offerLots: Float64Array;
  /** 1 where an account's currency has scenario sums that its margins do not know yet. */
  readonly #isOutdated: Uint8Array;
  /** The account that is being worked out anew, the record that is next, and the one that counts as it did. */
  #assessing = NOBODY;
  #nextRecord = -1;
  #without = -1;

  constructor(parts: MarginParts) {
    const { config, instruments, positions } = parts;
    this.#parts = parts;
    this.#standard = new StandardMargin(config.standardMargin);
    this.#grid = new MarginGrid(config.portfolioMargin, config.portfolioInterval, instruments);
    this.#assessedAt = new Float64Array(config.maxAccounts).fill(Number.NEGATIVE_INFINITY);
    this.#heldLots = new Float64Array(positions.capacity);
    this.#bidLots = new Float64Array(positions.capacity);
    this.#offerLots = new Float64Array(positions.capacity);
    this.#isOutdated = new Uint8Array(config.maxAccounts * config.currencies.length);
  }

  /** Works out anew what a record adds to its account. Does nothing for accounts without margin. */
  reassess(record: number): void {
    this.#finish();
    this.#reassess(record);
  }

  #reassess(record: number): void {
    const { accounts, positions, instruments } = this.#parts;
    const account = positions.account[record]!;
    const model = accounts.margin[account]!;
    if (model === MarginModel.NONE) return;
    const at = accounts.at(account, instruments.currency[positions.instrument[record]!]!);
    this.#revalue(record, at);
    if (model === MarginModel.STANDARD) this.#reassessStandard(record, at);
    else this.#reassessPortfolio(record, at);
  }

  /** Whether an account can afford what a record now has open; what lowers its margin it always can. */
  canAfford(record: number): boolean {
    const { accounts, positions, instruments, clock, config } = this.#parts;
    const account = positions.account[record]!;
    if (accounts.margin[account] === MarginModel.NONE) return true;
    this.#finish();
    const at = accounts.at(account, instruments.currency[positions.instrument[record]!]!);
    if (clock[0]! - this.#assessedAt[account]! >= config.riskInterval) this.assess(account, record);
    this.#takeWorst(at);
    const before = accounts.initialMargin[at]!;
    this.reassess(record);
    this.#takeWorst(at);
    const after = accounts.initialMargin[at]!;
    return after <= before || after <= this.marginBalance(account, at);
  }

  /** Works out all of an account anew, at once; `without` is a record that still counts as it did when it was last looked at. */
  assess(account: number, without = -1): void {
    this.beginAssessment(account, without);
    this.#finish();
  }

  /** Begins to work out all of an account anew; `goOnAssessing` does the rest, before anything else is asked or happens. */
  beginAssessment(account: number, without = -1): void {
    const { accounts, positions, config, clock } = this.#parts;
    this.#finish();
    if (accounts.margin[account] === MarginModel.NONE) return;
    this.#assessedAt[account] = clock[0]!;
    for (let currency = 0; currency < config.currencies.length; currency++) {
      const at = accounts.at(account, currency);
      accounts.initialMargin[at] = 0;
      accounts.maintenanceMargin[at] = 0;
      accounts.profit[at] = 0;
      accounts.optionValue[at] = 0;
      const sums = this.#sums.get(at);
      if (sums !== undefined) for (const sum of [sums.held, sums.bids, sums.offers]) sum.fill(0);
    }
    this.#assessing = account;
    this.#nextRecord = positions.firstOfAccount[account]!;
    this.#without = without;
  }

  /** Works out so many records more of the account that is being assessed; whether there are more. */
  goOnAssessing(most: number): boolean {
    const account = this.#assessing;
    if (account < 0) return false;
    const { accounts, positions, config } = this.#parts;
    for (let count = 0; count < most && this.#nextRecord >= 0; count++) {
      const record = this.#nextRecord;
      this.#nextRecord = positions.nextOfAccount[record]!;
      this.#assessRecord(account, record);
    }
    if (this.#nextRecord >= 0) return true;
    this.#assessing = NOBODY;
    if (accounts.margin[account] === MarginModel.STANDARD) return false;
    for (let currency = 0; currency < config.currencies.length; currency++)
      this.#takeWorst(accounts.at(account, currency));
    return false;
  }

  #assessRecord(account: number, record: number): void {
    const { accounts, positions, instruments } = this.#parts;
    const held = this.#heldLots[record]!;
    const bids = this.#bidLots[record]!;
    const offers = this.#offerLots[record]!;
    const initial = positions.initialMargin[record]!;
    const maintenance = positions.maintenanceMargin[record]!;
    const at = accounts.at(account, instruments.currency[positions.instrument[record]!]!);
    this.#heldLots[record] = 0;
    this.#bidLots[record] = 0;
    this.#offerLots[record] = 0;
    positions.initialMargin[record] = 0;
    positions.maintenanceMargin[record] = 0;
    positions.profit[record] = 0;
    positions.optionValue[record] = 0;
    if (record !== this.#without) {
      this.#reassess(record);
    } else if (accounts.margin[account] === MarginModel.STANDARD) {
      this.#revalue(record, at);
      this.#setStandard(record, at, initial, maintenance);
    } else {
      this.#revalue(record, at);
      this.#setScenarioLots(record, at, held, bids, offers);
    }
  }

  /** What else is asked of margins is asked of whole ones. */
  #finish(): void {
    if (this.#assessing >= 0) this.goOnAssessing(Number.POSITIVE_INFINITY);
  }

  /**
   * By how much an order would raise the initial margin of a record's account, in smallest units; 0 where it lowers it. A negative
   * number of lots is an order that is there already, whose own part is asked for. All of the account is worked out anew.
   */
  partOf(record: number, side: number, lots: number, ticks: number): number {
    const { accounts, positions, instruments } = this.#parts;
    const account = positions.account[record]!;
    if (accounts.margin[account] === MarginModel.NONE) return 0;
    const at = accounts.at(account, instruments.currency[positions.instrument[record]!]!);
    const open = side === Side.BUY ? positions.openBuyLots : positions.openSellLots;
    const premium = side === Side.BUY ? lots * ticks : 0;
    open[record]! += lots;
    positions.openBuyTicks[record]! += premium;
    this.assess(account);
    const other = accounts.initialMargin[at]!;
    open[record]! -= lots;
    positions.openBuyTicks[record]! -= premium;
    this.assess(account);
    return Math.max(0, (other - accounts.initialMargin[at]!) * Math.sign(lots));
  }

  /** What an account's margins are set against, in smallest units; `at` is its currency's place. */
  marginBalance(account: number, at: number): number {
    const { accounts } = this.#parts;
    const cash = accounts.balance[at]! + accounts.profit[at]!;
    return accounts.margin[account] === MarginModel.STANDARD ? cash : cash + accounts.optionValue[at]!;
  }

  /** An account's state in a currency, worked out now; of one without margin the sums that need no margin. */
  summary(account: number, currency: number): MarginSummary {
    if (this.#parts.accounts.margin[account] !== MarginModel.NONE) this.assess(account);
    return this.known(account, currency);
  }

  /** The same as it was worked out last: marks may have moved since, for as long as the risk interval lasts; orders, trades and money count. */
  known(account: number, currency: number): MarginSummary {
    const { accounts } = this.#parts;
    this.#finish();
    if (accounts.margin[account] === MarginModel.NONE) this.#assessWorth(account, currency);
    const at = accounts.at(account, currency);
    const unit = accounts.unitsPer[currency]!;
    this.#takeWorst(at);
    const marginBalance =
      accounts.margin[account] === MarginModel.NONE
        ? accounts.balance[at]! + accounts.profit[at]!
        : this.marginBalance(account, at);
    return {
      balance: accounts.balance[at]! / unit,
      equity: (accounts.balance[at]! + accounts.profit[at]! + accounts.optionValue[at]!) / unit,
      marginBalance: marginBalance / unit,
      initialMargin: accounts.initialMargin[at]! / unit,
      maintenanceMargin: accounts.maintenanceMargin[at]! / unit,
      sessionProfit: accounts.profit[at]! / unit,
      optionValue: accounts.optionValue[at]! / unit,
      availableFunds: Math.max(0, marginBalance - accounts.initialMargin[at]!) / unit,
    };
  }

  #assessWorth(account: number, currency: number): void {
    const { accounts, positions, instruments } = this.#parts;
    const at = accounts.at(account, currency);
    accounts.profit[at] = 0;
    accounts.optionValue[at] = 0;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      if (instruments.currency[positions.instrument[record]!] !== currency) continue;
      positions.profit[record] = 0;
      positions.optionValue[record] = 0;
      this.#revalue(record, at);
    }
  }

  /** Session profit, or option value, of a record. */
  #revalue(record: number, at: number): void {
    const { accounts, positions, instruments, clock } = this.#parts;
    const instrument = positions.instrument[record]!;
    if (instruments.isCombo[instrument] === 1) return;
    const lots = positions.lots[record]!;
    const mark = instruments.mark(instrument, clock[0]!);
    if (instruments.isFuture[instrument] === 1) {
      const unit = mark > 0 ? (instruments.inverse[instrument] === 1 ? -1 / mark : mark) : 0;
      const profit =
        lots === 0 || unit !== 0
          ? positions.sessionCash[record]! + Math.round(lots * instruments.unitsPerLot[instrument]! * unit)
          : 0;
      accounts.profit[at]! += profit - positions.profit[record]!;
      positions.profit[record] = profit;
    } else {
      const value = Math.round(lots * instruments.unitsPerLot[instrument]! * mark);
      accounts.optionValue[at]! += value - positions.optionValue[record]!;
      positions.optionValue[record] = value;
    }
  }

  #setStandard(record: number, at: number, initial: number, maintenance: number): void {
    const { accounts, positions } = this.#parts;
    accounts.initialMargin[at]! += initial - positions.initialMargin[record]!;
    accounts.maintenanceMargin[at]! += maintenance - positions.maintenanceMargin[record]!;
    positions.initialMargin[record] = initial;
    positions.maintenanceMargin[record] = maintenance;
  }

  #reassessStandard(record: number, at: number): void {
    const { positions, instruments } = this.#parts;
    const instrument = positions.instrument[record]!;
    if (instruments.isCombo[instrument] === 1) this.#reassessCombo(record, at);
    else if (instruments.isFuture[instrument] === 1) this.#reassessFuture(record, at);
    else this.#reassessOption(record, at);
  }

  #reassessFuture(record: number, at: number): void {
    const { positions, instruments } = this.#parts;
    const { numbers, margins } = this.#standard;
    const instrument = positions.instrument[record]!;
    const lotSize = instruments.lotSize[instrument]!;
    numbers[MARGIN.MARK] = instruments.forward[instrument]!;
    numbers[MARGIN.POSITION] = positions.lots[record]! * lotSize;
    numbers[MARGIN.BIDS] = positions.openBuyLots[record]! * lotSize;
    numbers[MARGIN.OFFERS] = positions.openSellLots[record]! * lotSize;
    this.#standard.ofFuture(instruments.inverse[instrument] === 1);
    const unit = this.#unitsOf(instrument);
    this.#setStandard(record, at, wholeUnits(margins[INITIAL]! * unit), wholeUnits(margins[MAINTENANCE]! * unit));
  }

  #reassessOption(record: number, at: number): void {
    const { positions, instruments } = this.#parts;
    const { numbers, margins } = this.#standard;
    const instrument = positions.instrument[record]!;
    const lotSize = instruments.lotSize[instrument]!;
    this.#lookAtShort(instrument);
    numbers[MARGIN.SHORT_INITIAL] = margins[INITIAL]!;
    numbers[MARGIN.SHORT_MAINTENANCE] = margins[MAINTENANCE]!;
    numbers[MARGIN.POSITION] = positions.lots[record]! * lotSize;
    numbers[MARGIN.BIDS] = positions.openBuyLots[record]! * lotSize;
    numbers[MARGIN.OFFERS] = positions.openSellLots[record]! * lotSize;
    numbers[MARGIN.BID_VALUE] = positions.openBuyTicks[record]! * instruments.tickSize[instrument]! * lotSize;
    this.#standard.ofOption();
    const unit = this.#unitsOf(instrument);
    this.#setStandard(record, at, wholeUnits(margins[INITIAL]! * unit), wholeUnits(margins[MAINTENANCE]! * unit));
  }

  /** Leaves the margins of one short option in the standard margin's cells. */
  #lookAtShort(instrument: number): void {
    const { instruments, indices, clock } = this.#parts;
    const { numbers } = this.#standard;
    numbers[MARGIN.INDEX] = indices.prices[instruments.index[instrument]!]!;
    numbers[MARGIN.STRIKE] = instruments.strike[instrument]!;
    numbers[MARGIN.MARK] = instruments.mark(instrument, clock[0]!);
    this.#standard.ofShort(instruments.isCall[instrument] === 1, instruments.inverse[instrument] === 1);
  }

  /** Initial margin of a leg of a combination that by itself would be short, or of a future's as if it were all there is, in smallest units. */
  #legInitial(instrument: number, lots: number): number {
    const { instruments } = this.#parts;
    const { numbers, margins } = this.#standard;
    const amount = lots * instruments.lotSize[instrument]!;
    const unit = this.#unitsOf(instrument);
    if (instruments.isFuture[instrument] === 0) {
      this.#lookAtShort(instrument);
      return amount * margins[INITIAL]! * unit;
    }
    numbers[MARGIN.MARK] = instruments.forward[instrument]!;
    numbers[MARGIN.POSITION] = amount;
    numbers[MARGIN.BIDS] = 0;
    numbers[MARGIN.OFFERS] = 0;
    this.#standard.ofFuture(instruments.inverse[instrument] === 1);
    return wholeUnits(margins[INITIAL]! * unit);
  }

  /** Smallest units of the currency that an instrument settles in, in one of it. */
  #unitsOf(instrument: number): number {
    const { accounts, instruments } = this.#parts;
    return accounts.unitsPer[instruments.currency[instrument]!]!;
  }

  /** Combinations: open orders as if each leg that they would sell were short by itself, and what they would pay. */
  #reassessCombo(record: number, at: number): void {
    const { positions, instruments } = this.#parts;
    const combo = positions.instrument[record]!;
    const legs = instruments.legs[combo]!;
    const ratios = instruments.ratios[combo]!;
    const bids = positions.openBuyLots[record]!;
    const offers = positions.openSellLots[record]!;
    let initial = 0;
    for (let leg = 0; leg < legs.length; leg++) {
      const instrument = legs[leg]!;
      const lots = (Math.abs(ratios[leg]!) * instruments.lotSize[combo]!) / instruments.lotSize[instrument]!;
      const isFuture = instruments.isFuture[instrument] === 1;
      const side = ratios[leg]! > 0 ? offers : bids;
      initial += this.#legInitial(instrument, lots * (isFuture ? Math.max(bids, offers) : side));
    }
    const isOptions = instruments.isFuture[legs[0]!] === 0;
    const premium = positions.openBuyTicks[record]! * instruments.tickSize[combo]! * instruments.unitsPerLot[combo]!;
    this.#setStandard(record, at, Math.ceil(initial + (isOptions ? Math.max(0, premium) : 0)), 0);
  }

  #reassessPortfolio(record: number, at: number): void {
    const { positions, instruments } = this.#parts;
    // A combination's position is that of its legs.
    const lots = instruments.isCombo[positions.instrument[record]!] === 1 ? 0 : positions.lots[record]!;
    this.#setScenarioLots(record, at, lots, positions.openBuyLots[record]!, positions.openSellLots[record]!);
  }

  /** Makes the scenario sums of an account's currency hold a record with so many lots. */
  #setScenarioLots(record: number, at: number, held: number, bids: number, offers: number): void {
    const { positions, clock } = this.#parts;
    const moreHeld = held - this.#heldLots[record]!;
    const moreBids = bids - this.#bidLots[record]!;
    const moreOffers = offers - this.#offerLots[record]!;
    if (moreHeld === 0 && moreBids === 0 && moreOffers === 0) return;
    const sums = this.#sumsAt(at);
    const gains = this.#grid.gains(positions.instrument[record]!, clock[0]!);
    this.#heldLots[record] = held;
    this.#bidLots[record] = bids;
    this.#offerLots[record] = offers;
    if (moreHeld !== 0) add(sums.held, gains, moreHeld);
    if (moreBids !== 0) add(sums.bids, gains, moreBids);
    if (moreOffers !== 0) add(sums.offers, gains, -moreOffers);
    this.#isOutdated[at] = 1;
  }

  /** Takes the margins of an account's currency from its scenario sums, if those have changed. */
  #takeWorst(at: number): void {
    if (this.#isOutdated[at] === 0) return;
    this.#isOutdated[at] = 0;
    const { accounts, config } = this.#parts;
    const { held, bids, offers } = this.#sumsAt(at);
    let worstHeld = 0;
    let worst = 0;
    for (let scenario = 0; scenario < held.length; scenario++) {
      const gain = held[scenario]!;
      if (gain < worstHeld) worstHeld = gain;
      const bid = bids[scenario]!;
      const offer = offers[scenario]!;
      const loss = gain + (bid < offer ? bid : offer);
      if (loss < worst) worst = loss;
    }
    if (worstHeld < worst) worst = worstHeld;
    accounts.initialMargin[at] = Math.ceil(-worst);
    accounts.maintenanceMargin[at] = Math.ceil(-worstHeld * config.portfolioMargin.maintenance);
  }

  /** Maintenance margin that a position would need alone, in smallest units: by which the heaviest is found. */
  weight(record: number): number {
    const { positions, accounts, clock } = this.#parts;
    if (accounts.margin[positions.account[record]!] === MarginModel.STANDARD)
      return positions.maintenanceMargin[record]!;
    const gains = this.#grid.gains(positions.instrument[record]!, clock[0]!);
    let worst = 0;
    for (let scenario = 0; scenario < gains.length; scenario++) {
      worst = Math.min(worst, gains[scenario]! * positions.lots[record]!);
    }
    return -worst;
  }

  #sumsAt(at: number): ScenarioSums {
    let sums = this.#sums.get(at);
    if (sums === undefined) {
      const { scenarios } = this.#grid;
      sums = {
        held: new Float64Array(scenarios),
        bids: new Float64Array(scenarios),
        offers: new Float64Array(scenarios),
      };
      this.#sums.set(at, sums);
    }
    return sums;
  }
}

/** Adds a multiple of one column to another. */
function add(sums: Float64Array, gains: Float64Array, lots: number): void {
  for (let scenario = 0; scenario < sums.length; scenario++) sums[scenario]! += lots * gains[scenario]!;
}

/** Smallest units are whole ones, rounded up; what is lost in doubles is none. */
function wholeUnits(units: number): number {
  return Math.ceil(units - 1e-6);
}
