import type { TickTable } from '../tick-table.js';
import { QuoteLimit, QuoteModelCode } from './codes.js';
import type { QuotingSettings } from './settings.js';
import { VegaInput, VegaOutput, VegaTables } from './vega-tables.js';

/** What is known of an option when its quote is made, in `OptionQuote.input`. Prices in the venue's unit. */
export const QuoteInput = {
  THEO: 0,
  UNCERTAINTY: 1,
  /** What hedges the value in its settlement currency. */
  DELTA: 2,
  /** USD per 1.00 of vol and contract. */
  VEGA: 3,
  YEARS: 4,
  FORWARD: 5,
  /** USD per price unit and contract: the forward for inverse options, 1 for linear ones. */
  MONEY: 6,
  /** Best bid and offer of others; NaN for none. */
  MARKET_BID: 7,
  MARKET_ASK: 8,
  POSITION: 9,
  /** Weighted vega of the underlying, USD per 1.00 of vol. */
  INVENTORY: 10,
  /** Net delta of the underlying, units. */
  NET_DELTA: 11,
  /** Smallest amount. */
  LOT: 12,
  /** A part of the price's underlying: fraction of the amount, at most an eighth of the price. */
  FEE: 13,
  /** Mean loss after fills of the bucket, vol; positive is bad. */
  MARKOUT_LOSS: 14,
  /** 0 to 1, and the flow's direction, -1 to 1. */
  VPIN: 15,
  FLOW: 16,
  /** In base widths. */
  EVENT: 17,
  /** Multipliers of the settings, and of traders. */
  WIDTH: 18,
  AMOUNT: 19,
  TRADER_WIDTH: 20,
  TRADER_AMOUNT: 21,
  /** By Black: buckets and the duty go by it. */
  BLACK_DELTA: 22,
  /** Of the option, change of delta per USD; its vol; and the gamma of all that is held on the underlying, units per USD. */
  GAMMA: 23,
  VOL: 24,
  INVENTORY_GAMMA: 25,
  /** Prices that are wanted now; NaN or 0 for none. */
  LAST_BID: 26,
  LAST_ASK: 27,
  SIZE: 28,
} as const;

/** The quote and its why, in `OptionQuote.output`: places as the fields of DesiredQuote, all in price units. */
export const QuoteOutput = {
  BID: 0,
  ASK: 1,
  BID_AMOUNT: 2,
  ASK_AMOUNT: 3,
  BASE: 4,
  UNCERTAINTY: 5,
  REGIME: 6,
  EVENT: 7,
  EXPIRY: 8,
  MARKOUT: 9,
  TOXICITY: 10,
  SKEW_VEGA: 11,
  SKEW_DELTA: 12,
  SKEW_GAMMA: 13,
  SKEW_POSITION: 14,
  SKEW_FLOW: 15,
  ROUNDING_BID: 16,
  ROUNDING_ASK: 17,
  FAIR: 18,
  HALF: 19,
  BINDING_VALUE: 20,
  /** A resting price that is off by no more is left alone. */
  TOLERANCE: 21,
  SIZE: 22,
} as const;

const DAYS = 365;
const MONTH_YEARS = 30 / DAYS;
/** Root of five minutes in years: how long a taker's knowledge lasts. */
const ADVERSE_ROOT_YEARS = Math.sqrt(300 / (DAYS * 86_400));
/** Bounds of an expiry's weight in the vega inventory. */
const LEAST_WEIGHT = 0.25;
const MOST_WEIGHT = 4;

/** Places of settings in an array: a double read from an object's field may be boxed. */
const S = {
  AMOUNT: 0,
  BETA: 1,
  VEGA_LIMIT: 2,
  HALF: 3,
  RELATIVE_HALF: 4,
  MID_SKEW: 5,
  POSITION_LIMIT: 6,
  POSITION_SKEW: 7,
  DELTA_SKEW: 8,
  DELTA_SCALE: 9,
  EDGE_TICKS: 10,
  EDGE_VOL: 11,
  UNCERTAINTY: 12,
  EXPIRY_DAYS: 13,
  EXPIRY_WIDENING: 14,
  EXPIRY_MOST: 15,
  MARKOUT: 16,
  TOXICITY: 17,
  FLOW_SKEW: 18,
  DUTY_WIDTH: 19,
  DUTY_TICKS: 20,
  DUTY_AMOUNT: 21,
  DUTY_LEAST: 22,
  DUTY_MOST: 23,
  EDGE_HEDGE: 24,
  GAMMA_SKEW: 25,
  GAMMA_SCALE: 26,
  TOLERANCE: 27,
  VEGA_CLIP: 28,
  LEAD: 29,
  EDGE_ADVERSE: 30,
  REGIME: 31,
} as const;

/** The gamma's scale is told for a move of one percent. */
const PERCENT = 0.01;
/** Prices nearer to each other than this are one. */
const SAME_PRICE = 1e-9;

/**
 * A bid and an offer for one option, and why they stand where they do: the model's distance from the theoretical value, what widens
 * it, what shifts both sides, the limits, and the tick. Everything goes in and out by arrays.
 */
export class OptionQuote {
  readonly input = new Float64Array(QuoteInput.SIZE);
  readonly output = new Float64Array(QuoteOutput.SIZE);
  /** QuoteLimit that bound the price, and the amount. */
  bindingLimit: number = QuoteLimit.NONE;
  sizeLimit: number = QuoteLimit.NONE;
  private readonly model: number;
  private readonly settings: Float64Array;
  private readonly tables: VegaTables;
  /** [weight of the expiry in the vega inventory, lots of a side], and what `lead` is handed: [reservation price, least edge, widest half width, ticks ahead]. */
  private readonly scratch = new Float64Array(6);
  /** Bid and offer on their way to the ticks. */
  private readonly pair = new Float64Array(2);

  constructor(settings: QuotingSettings) {
    const s = settings;
    this.model = s.model;
    this.tables = new VegaTables(s);
    // biome-ignore format: in the order of S
    this.settings = Float64Array.of(
      s.amount, s.beta, s.vegaLimit, s.halfWidth, s.relativeHalfWidth, s.midSkew, s.positionLimit, s.positionSkew,
      s.deltaSkew, s.deltaScale, s.edgeTicks, s.edgeVol, s.uncertainty, s.expiryDays, s.expiryWidening, s.expiryMost,
      s.markout, s.toxicity, s.flowSkew, s.dutyWidth, s.dutyTicks, s.dutyAmount, s.dutyDeltaLeast, s.dutyDeltaMost,
      s.edgeHedge, s.gammaSkew, s.gammaScaleUsd, s.tolerance, s.vegaClip, s.leadTicks,
      s.edgeAdverse,
      ...[0, ...s.regime],
    );
  }

  /** Makes the quote of what stands in `input`. @returns false where nothing can be quoted: a number is missing */
  make(ticks: TickTable | undefined, regime: number, pausedSides: number): boolean {
    const { input, output } = this;
    this.bindingLimit = QuoteLimit.NONE;
    this.sizeLimit = QuoteLimit.NONE;
    output[QuoteOutput.BINDING_VALUE] = 0;
    const money = input[QuoteInput.MONEY]!;
    const theo = input[QuoteInput.THEO]!;
    const vegaPrice = input[QuoteInput.VEGA]! / money;
    if (!(theo > 0 && money > 0 && vegaPrice >= 0 && input[QuoteInput.LOT]! > 0)) return false;
    this.weigh();
    this.clip();
    if (this.model === QuoteModelCode.OPTIONS) this.byVega(regime);
    else this.byWidth();
    const fair = output[QuoteOutput.FAIR]!;
    if (!(fair > 0)) return false;
    this.widen(regime);
    this.shift();
    return this.place(ticks, pausedSides);
  }

  /** The options model: base half width and skew from the value of the vega inventory. */
  private byVega(regime: number): void {
    const { input, output, settings, tables } = this;
    const { input: asked, output: found } = tables;
    const money = input[QuoteInput.MONEY]!;
    const amount = this.scratch[1]! * input[QuoteInput.LOT]!;
    // Options of no vega are quoted by their least edge: the model's slope needs some.
    const vega = Math.max(input[QuoteInput.VEGA]!, 1e-6 * input[QuoteInput.FORWARD]!);
    asked[VegaInput.INVENTORY] = input[QuoteInput.INVENTORY]!;
    asked[VegaInput.STEP] = amount * vega * this.scratch[0]!;
    asked[VegaInput.AMOUNT] = amount;
    asked[VegaInput.SLOPE] = (settings[S.BETA]! * money) / vega;
    asked[VegaInput.MONEY] = money;
    asked[VegaInput.FEE] = input[QuoteInput.FEE]!;
    tables.quote(regime);
    const flat = found[VegaOutput.FLAT]!;
    const bid = found[VegaOutput.BID]!;
    const ask = found[VegaOutput.ASK]!;
    output[QuoteOutput.FAIR] = input[QuoteInput.THEO]!;
    // Beyond the limit one side is left: it keeps its own distance.
    const both = bid < Number.POSITIVE_INFINITY && ask < Number.POSITIVE_INFINITY;
    output[QuoteOutput.BASE] = both ? (bid + ask) / 2 : flat;
    output[QuoteOutput.SKEW_VEGA] = both
      ? (ask - bid) / 2
      : bid < Number.POSITIVE_INFINITY
        ? flat - bid
        : ask < Number.POSITIVE_INFINITY
          ? ask - flat
          : 0;
  }

  /** The baselines: a fixed half width around the theoretical value, or around the market's mid with a lean. */
  private byWidth(): void {
    const { input, output, settings } = this;
    const isMid = this.model === QuoteModelCode.MID_SKEW;
    const mid = (input[QuoteInput.MARKET_BID]! + input[QuoteInput.MARKET_ASK]!) / 2;
    const fair = isMid ? mid : input[QuoteInput.THEO]!;
    const half = Math.max(settings[S.HALF]!, settings[S.RELATIVE_HALF]! * fair);
    output[QuoteOutput.FAIR] = fair;
    output[QuoteOutput.BASE] = half;
    const full = input[QuoteInput.POSITION]! / (settings[S.POSITION_LIMIT]! * input[QuoteInput.LOT]!);
    output[QuoteOutput.SKEW_VEGA] = 0;
    output[QuoteOutput.SKEW_POSITION] = isMid ? -settings[S.MID_SKEW]! * half * full : 0;
  }

  /** What is added to the half width. The baselines are not widened: they are what they are called. */
  private widen(regime: number): void {
    const { input, output, settings } = this;
    const widens = this.model === QuoteModelCode.OPTIONS ? 1 : 0;
    if (input[QuoteInput.TRADER_WIDTH] !== 1) this.bindingLimit = QuoteLimit.TRADER;
    // A baseline has one width for all; a trader's word holds for each.
    const width = widens === 1 ? input[QuoteInput.WIDTH]! : 1;
    const base = output[QuoteOutput.BASE]! * width * input[QuoteInput.TRADER_WIDTH]!;
    output[QuoteOutput.BASE] = base;
    const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
    const days = input[QuoteInput.YEARS]! * DAYS;
    const near = days > 0 ? settings[S.EXPIRY_DAYS]! / days - 1 : 0;
    const nearness = Math.min(settings[S.EXPIRY_MOST]!, settings[S.EXPIRY_WIDENING]! * Math.max(0, near));
    const toxic = settings[S.TOXICITY]! * Math.max(0, 2 * input[QuoteInput.VPIN]! - 1);
    output[QuoteOutput.UNCERTAINTY] = widens * settings[S.UNCERTAINTY]! * input[QuoteInput.UNCERTAINTY]! * vegaPrice;
    output[QuoteOutput.REGIME] = widens * settings[S.REGIME + (regime > 4 ? 4 : regime)]! * base;
    output[QuoteOutput.EVENT] = widens * input[QuoteInput.EVENT]! * base;
    output[QuoteOutput.EXPIRY] = widens * nearness * base;
    output[QuoteOutput.MARKOUT] =
      widens * settings[S.MARKOUT]! * Math.max(0, input[QuoteInput.MARKOUT_LOSS]!) * vegaPrice;
    output[QuoteOutput.TOXICITY] = widens * toxic * base;
    // A part of the width that is negative or no number counts as nothing, and is told.
    for (let part: number = QuoteOutput.UNCERTAINTY; part <= QuoteOutput.TOXICITY; part++) {
      if (output[part]! >= 0 && output[part]! < Number.POSITIVE_INFINITY) continue;
      output[part] = 0;
      this.bindingLimit = QuoteLimit.WIDENING;
    }
  }

  /** What shifts both sides. */
  private shift(): void {
    const { input, output, settings } = this;
    if (this.model !== QuoteModelCode.OPTIONS) {
      output[QuoteOutput.SKEW_GAMMA] = 0;
      output[QuoteOutput.SKEW_DELTA] = 0;
      output[QuoteOutput.SKEW_FLOW] = 0;
      return;
    }
    const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
    const full = input[QuoteInput.POSITION]! / (settings[S.POSITION_LIMIT]! * input[QuoteInput.LOT]!);
    const held = full > 1 ? 1 : full < -1 ? -1 : full;
    output[QuoteOutput.SKEW_POSITION] = -held * settings[S.POSITION_SKEW]! * vegaPrice;
    // Shifts of the forward, by the option's delta: price units of inverse options are parts of the forward.
    const reach = (input[QuoteInput.DELTA]! * input[QuoteInput.FORWARD]!) / input[QuoteInput.MONEY]!;
    const millions = (input[QuoteInput.NET_DELTA]! * input[QuoteInput.FORWARD]!) / (1e6 * settings[S.DELTA_SCALE]!);
    const unhedged = millions > 1 ? 1 : millions < -1 ? -1 : millions;
    output[QuoteOutput.SKEW_DELTA] = -unhedged * settings[S.DELTA_SKEW]! * reach;
    output[QuoteOutput.SKEW_FLOW] = input[QuoteInput.FLOW]! * settings[S.FLOW_SKEW]! * reach;
    this.shiftByGamma();
  }

  /**
   * Gamma costs theta, and between two hedges it is what the delta runs away by: an inventory of it shifts each option by a part of the
   * theta that the option pays a day, gamma F^2 vol^2 / 2 of a year.
   */
  private shiftByGamma(): void {
    const { input, output, settings } = this;
    const forward = input[QuoteInput.FORWARD]!;
    const vol = input[QuoteInput.VOL]!;
    const held = (input[QuoteInput.INVENTORY_GAMMA]! * forward * forward * PERCENT) / settings[S.GAMMA_SCALE]!;
    const full = held > 1 ? 1 : held < -1 ? -1 : held;
    const day = (input[QuoteInput.GAMMA]! * forward * forward * vol * vol) / (2 * DAYS * input[QuoteInput.MONEY]!);
    // No option's theta is more than what is left of its value.
    const paid = Math.min(day, input[QuoteInput.THEO]!);
    output[QuoteOutput.SKEW_GAMMA] = -full * settings[S.GAMMA_SKEW]! * (paid > 0 ? paid : 0);
  }

  /** Prices on the tick and amounts within the limits. */
  private place(ticks: TickTable | undefined, pausedSides: number): boolean {
    const { input, output, settings } = this;
    const fair = output[QuoteOutput.FAIR]!;
    let half =
      output[QuoteOutput.BASE]! +
      output[QuoteOutput.UNCERTAINTY]! +
      output[QuoteOutput.REGIME]! +
      output[QuoteOutput.EVENT]! +
      output[QuoteOutput.EXPIRY]! +
      output[QuoteOutput.MARKOUT]! +
      output[QuoteOutput.TOXICITY]!;
    const { pair } = this;
    pair[0] = fair;
    pair[1] = 0;
    ticks?.stepAt(pair);
    const tick = pair[1]!;
    const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
    const widest = Math.max(settings[S.DUTY_WIDTH]! * fair, settings[S.DUTY_TICKS]! * tick) / 2;
    const delta = Math.abs(input[QuoteInput.BLACK_DELTA]!);
    const inDuty = delta >= settings[S.DUTY_LEAST]! && delta <= settings[S.DUTY_MOST]!;
    if (half > widest && inDuty) {
      half = widest;
      this.bindingLimit = QuoteLimit.DUTY_WIDTH;
      output[QuoteOutput.BINDING_VALUE] = widest;
    }
    const move = settings[S.EDGE_ADVERSE]! * input[QuoteInput.VOL]! * ADVERSE_ROOT_YEARS;
    const hedge =
      ((settings[S.EDGE_HEDGE]! + move) * Math.abs(input[QuoteInput.DELTA]!) * input[QuoteInput.FORWARD]!) /
      input[QuoteInput.MONEY]!;
    const edge = Math.max(settings[S.EDGE_TICKS]! * tick, settings[S.EDGE_VOL]! * vegaPrice);
    const fee = this.model === QuoteModelCode.OPTIONS ? input[QuoteInput.FEE]! : 0;
    const wanted = this.model === QuoteModelCode.OPTIONS ? fee + hedge + edge : 0;
    // Where the duty leaves less room than the edge wants, it is the fee that has to come in.
    const least = inDuty ? Math.min(wanted, Math.max(fee, widest)) : wanted;
    const floor = inDuty ? fee : wanted;
    if (half < least) {
      half = least;
      this.bindingLimit = QuoteLimit.LEAST_EDGE;
      output[QuoteOutput.BINDING_VALUE] = least;
    }
    const skew =
      output[QuoteOutput.SKEW_VEGA]! +
      output[QuoteOutput.SKEW_DELTA]! +
      output[QuoteOutput.SKEW_GAMMA]! +
      output[QuoteOutput.SKEW_POSITION]! +
      output[QuoteOutput.SKEW_FLOW]!;
    let bid = fair + skew - half;
    let ask = fair + skew + half;
    if (!(bid <= ask)) return false;
    if (bid >= input[QuoteInput.MARKET_ASK]!) {
      bid = input[QuoteInput.MARKET_ASK]! - tick;
      this.bindingLimit = QuoteLimit.CROSSING;
      output[QuoteOutput.BINDING_VALUE] = bid;
    }
    if (ask <= input[QuoteInput.MARKET_BID]!) {
      ask = input[QuoteInput.MARKET_BID]! + tick;
      this.bindingLimit = QuoteLimit.CROSSING;
      output[QuoteOutput.BINDING_VALUE] = ask;
    }
    pair[0] = bid;
    pair[1] = ask;
    const leads = settings[S.LEAD]! > 0 && this.model === QuoteModelCode.OPTIONS;
    if (leads) {
      const { scratch } = this;
      scratch[2] = fair + skew;
      scratch[3] = Math.min(half, least + output[QuoteOutput.MARKOUT]! + output[QuoteOutput.TOXICITY]!);
      scratch[4] = Math.max(half, widest);
      scratch[5] = settings[S.LEAD]! * tick;
      this.lead();
      if ((pair[0] !== bid || pair[1] !== ask) && this.bindingLimit === QuoteLimit.NONE) {
        this.bindingLimit = QuoteLimit.OTHERS;
        output[QuoteOutput.BINDING_VALUE] =
          pair[0] !== bid ? input[QuoteInput.MARKET_BID]! : input[QuoteInput.MARKET_ASK]!;
      }
      bid = pair[0]!;
      ask = pair[1]!;
    }
    // Away from the theoretical value: what rounding does never makes a quote worse for us.
    pair[0] = bid;
    pair[1] = ask;
    ticks?.roundOutwards(pair);
    const freshBid = pair[0]!;
    const freshAsk = pair[1]!;
    let roundedBid = freshBid;
    let roundedAsk = freshAsk;
    // A price that is wanted already stays while it is as good as before rounding: at the edge of a tick it would go to and fro.
    const slack = settings[S.TOLERANCE]! * half;
    const lastBid = input[QuoteInput.LAST_BID]!;
    const lastAsk = input[QuoteInput.LAST_ASK]!;
    let keepsBid = lastBid > 0 && lastBid <= bid + slack && lastBid >= bid - tick - slack;
    let keepsAsk = lastAsk > 0 && lastAsk >= ask - slack && lastAsk <= ask + tick + slack;
    // Beside others is behind them: who is to stand before them is not left there.
    if (leads && bid > input[QuoteInput.MARKET_BID]! + SAME_PRICE && !(lastBid > input[QuoteInput.MARKET_BID]!))
      keepsBid = false;
    if (leads && ask < input[QuoteInput.MARKET_ASK]! - SAME_PRICE && !(lastAsk < input[QuoteInput.MARKET_ASK]!))
      keepsAsk = false;
    if (keepsBid && !(lastBid >= input[QuoteInput.MARKET_ASK]!)) roundedBid = lastBid;
    if (keepsAsk && !(lastAsk <= input[QuoteInput.MARKET_BID]!)) roundedAsk = lastAsk;
    const broadest = inDuty ? 2 * (widest + tick) + SAME_PRICE : Number.POSITIVE_INFINITY;
    if (roundedAsk - roundedBid > broadest) {
      // What stays must not leave the duty.
      roundedBid = freshBid;
      roundedAsk = freshAsk;
    }
    if (roundedAsk - roundedBid > broadest && ticks !== undefined) {
      // The tick is coarser above some price, and rounding up to it would leave the duty: inwards then, where the edge allows it.
      pair[0] = ask;
      pair[1] = bid;
      ticks.roundOutwards(pair);
      if (pair[0]! >= fair + skew + floor && pair[0]! > roundedBid && !(pair[0]! <= input[QuoteInput.MARKET_BID]!))
        roundedAsk = pair[0]!;
      else if (pair[1]! <= fair + skew - floor && pair[1]! < roundedAsk && !(pair[1]! >= input[QuoteInput.MARKET_ASK]!))
        roundedBid = pair[1]!;
    }
    // The duty has two sides: the least price is a bid where that is still worth it.
    if (inDuty && !(roundedBid > 0) && tick <= fair + skew - floor) roundedBid = tick;
    output[QuoteOutput.HALF] = half;
    output[QuoteOutput.TOLERANCE] = leads && slack > tick / 2 ? tick / 2 : slack;
    output[QuoteOutput.ROUNDING_BID] = roundedBid - bid;
    output[QuoteOutput.ROUNDING_ASK] = roundedAsk - ask;
    output[QuoteOutput.BID] = roundedBid > 0 ? roundedBid : Number.NaN;
    output[QuoteOutput.ASK] = roundedAsk > 0 ? roundedAsk : Number.NaN;
    output[QuoteOutput.BID_AMOUNT] = 0;
    output[QuoteOutput.ASK_AMOUNT] = 0;
    if (roundedBid > 0 && (pausedSides & 1) === 0) this.size(1, QuoteOutput.BID_AMOUNT);
    if (roundedAsk > 0 && (pausedSides & 2) === 0) this.size(-1, QuoteOutput.ASK_AMOUNT);
    return true;
  }

  /**
   * Moves the bid and the offer in `pair` by the touch of others: the best price trades, so a tick before others is as good as further before them, and
   * what is behind them waits. Retreats at most to the widest half width, and advances to what is still worth the least edge over the reservation price.
   */
  private lead(): void {
    const { input, pair, scratch } = this;
    const reservation = scratch[2]!;
    const least = scratch[3]!;
    const widest = scratch[4]!;
    const ahead = scratch[5]!;
    // A hair inside, so that rounding outwards finds this very tick.
    const bid = input[QuoteInput.MARKET_BID]! + ahead + SAME_PRICE;
    const ask = input[QuoteInput.MARKET_ASK]! - ahead - SAME_PRICE;
    if (bid < pair[0]!) pair[0] = Math.min(pair[0]!, Math.max(bid, reservation - widest));
    else if (bid <= reservation - least && !(bid >= input[QuoteInput.MARKET_ASK]!)) pair[0] = bid;
    if (ask > pair[1]!) pair[1] = Math.max(pair[1]!, Math.min(ask, reservation + widest));
    else if (ask >= reservation + least && !(ask <= input[QuoteInput.MARKET_BID]!)) pair[1] = ask;
  }

  /** Amount of a side, a whole number of lots, within what the limits leave. @param sign 1 bid, -1 offer @param place of the amount in the output */
  private size(sign: number, place: number): void {
    const { input, output, settings } = this;
    const lot = input[QuoteInput.LOT]!;
    const wanted = this.scratch[1]! * input[QuoteInput.AMOUNT]! * input[QuoteInput.TRADER_AMOUNT]!;
    let lots = wanted;
    const held = (sign * input[QuoteInput.POSITION]!) / lot;
    const room = settings[S.POSITION_LIMIT]! - held;
    if (room < lots) {
      lots = room;
      this.sizeLimit = QuoteLimit.POSITION;
    }
    const perLot = lot * input[QuoteInput.VEGA]! * this.scratch[0]!;
    const vegaRoom = (settings[S.VEGA_LIMIT]! - sign * input[QuoteInput.INVENTORY]!) / perLot;
    if (vegaRoom < lots) {
      lots = vegaRoom;
      this.sizeLimit = QuoteLimit.VEGA;
    }
    if (lots < wanted - 1e-9 && lots >= 0 && lots < settings[S.DUTY_AMOUNT]! && this.sizeLimit === QuoteLimit.NONE) {
      this.sizeLimit = QuoteLimit.DUTY_SIZE;
    }
    const whole = Math.floor(lots + 1e-9);
    // As amountOfLots has it: called, it would box the number.
    const perUnit = Math.round(1 / lot);
    const isPart = perUnit > 1 && Math.abs(perUnit * lot - 1) < 1e-9;
    output[place] = whole >= 1 ? (isPart ? whole / perUnit : whole * lot) : 0;
  }

  /** Lots of a side before limits: each quote risks as much vega as any other, where that is less than its whole amount. */
  private clip(): void {
    const { input, settings, scratch } = this;
    const amount = settings[S.AMOUNT]!;
    scratch[1] = amount;
    if (this.model !== QuoteModelCode.OPTIONS) return;
    const most = settings[S.VEGA_CLIP]! / (input[QuoteInput.LOT]! * input[QuoteInput.VEGA]! * scratch[0]!);
    if (!(most < amount)) return;
    const whole = Math.floor(most);
    const least = Math.min(amount, Math.max(1, settings[S.DUTY_AMOUNT]!));
    scratch[1] = whole > least ? whole : least;
  }

  /** How much the vol of this expiry moves when the 30-day vol does, into the scratch: a number that is returned may be boxed. */
  private weigh(): void {
    const years = this.input[QuoteInput.YEARS]!;
    const weight = years > 0 ? Math.sqrt(MONTH_YEARS / years) : MOST_WEIGHT;
    this.scratch[0] = weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
  }
}
