import { MOST_CURRENCIES } from '../engine/market/portfolio/tie-out.js';
import { type LatestEdge, latest, stream } from '../engine/runtime/actor/definition.js';
import { Attribution } from '../schemas/generated/attribution.js';
import { BookLevel } from '../schemas/generated/book-level.js';
import { BookTop } from '../schemas/generated/book-top.js';
import { CommandReceipt } from '../schemas/generated/command-receipt.js';
import { DesiredHedge } from '../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../schemas/generated/desired-quote.js';
import { ExpiryState } from '../schemas/generated/expiry-state.js';
import { Fill } from '../schemas/generated/fill.js';
import { HedgeCost } from '../schemas/generated/hedge-cost.js';
import { LimitState } from '../schemas/generated/limit-state.js';
import { Markout } from '../schemas/generated/markout.js';
import { MmpReport } from '../schemas/generated/mmp-report.js';
import { OrderUpdate } from '../schemas/generated/order-update.js';
import { Performance } from '../schemas/generated/performance.js';
import { Position } from '../schemas/generated/position.js';
import { ProfitLoss } from '../schemas/generated/profit-loss.js';
import { Refusal } from '../schemas/generated/refusal.js';
import { RiskState } from '../schemas/generated/risk-state.js';
import { SliceFit } from '../schemas/generated/slice-fit.js';
import { Theo } from '../schemas/generated/theo.js';
import { TheoRun } from '../schemas/generated/theo-run.js';
import { Ticker } from '../schemas/generated/ticker.js';
import { TieOut } from '../schemas/generated/tie-out.js';
import { Trade } from '../schemas/generated/trade.js';
import { UnderlyingExposure } from '../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../schemas/generated/underlying-state.js';
import { WorstCase } from '../schemas/generated/worst-case.js';

/** Bytes of the largest record: the whole book of a busy perpetual, more than 7,000 levels. */
const LARGEST_BODY = 120 * 1024;

/**
 * The log, which every stage reads. It is sized in seconds: at 100,000 records of 160 bytes a second its 2^28 bytes hold more
 * than sixteen.
 */
export const log = stream({ name: 'log', capacityBytes: 1 << 28, maxBodyBytes: LARGEST_BODY });

/** Market data on its way to the sequencer. */
export const marketData = stream({ name: 'market-data', capacityBytes: 1 << 24, maxBodyBytes: LARGEST_BODY });
/** What execution reports: sent, not sent, acknowledged, filled. */
export const reports = stream({ name: 'reports', capacityBytes: 1 << 22, maxBodyBytes: 4096 });
/** Snapshots that were written, or failed. */
export const snapshotReports = stream({ name: 'snapshot-reports', capacityBytes: 1 << 16, maxBodyBytes: 256 });
/** Operators' commands, copied out of their peers' files and validated. */
export const commands = stream({ name: 'commands', capacityBytes: 1 << 18, maxBodyBytes: 4096 });

/** The newest top of every instrument, for people to look at. */
export function shownTops(instruments: number): LatestEdge {
  return latest({ name: 'tops-shown', keys: instruments, maxBodyBytes: BookTop.sizeOf() });
}

/** The newest ticker of every instrument, for people to look at. */
export function shownTickers(instruments: number): LatestEdge {
  return latest({ name: 'tickers-shown', keys: instruments, maxBodyBytes: Ticker.sizeOf() });
}

/** Fills that are shown beside the state of trading. */
export const SHOWN_FILLS = 6;
/** Keys of what is shown of trading: its state, the credits, the last fills. */
export const ShownTrading = { STATE: 0, CREDITS: 1, FIRST_FILL: 2 } as const;
export const shownTrading = latest({
  name: 'trading-shown',
  keys: ShownTrading.FIRST_FILL + SHOWN_FILLS,
  maxBodyBytes: 256,
});

/** The newest wanted quotes of every instrument, with their why, for people to look at. */
export function shownQuotes(instruments: number): LatestEdge {
  return latest({ name: 'quotes-shown', keys: instruments, maxBodyBytes: DesiredQuote.sizeOf() });
}

/** The touch and depth of every book, when they change. */
export const tops = stream({ name: 'tops', capacityBytes: 1 << 22, maxBodyBytes: 1024 });
/** What has become of every order and request, and of trading itself. Room for all of them to change at once, twice. */
export const orderStates = stream({ name: 'order-states', capacityBytes: 1 << 24, maxBodyBytes: 1024 });
/** Quotes that the quoter wants. */
export const desiredQuotes = stream({ name: 'desired-quotes', capacityBytes: 1 << 22, maxBodyBytes: 1024 });
/** Orders that the hedger wants. */
export const desiredHedges = stream({ name: 'desired-hedges', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
/** Orders that the flattener wants. Room for a whole chain that is to be closed. */
export const desiredFlattens = stream({ name: 'desired-flattens', capacityBytes: 1 << 21, maxBodyBytes: 1024 });
/** What dispatch wants to ask the venue for. */
export const intents = stream({ name: 'intents', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
/** What risk says: approved orders, refusals, its states. Execution sends the orders. */
export const approvedOrders = stream({ name: 'approved-orders', capacityBytes: 1 << 22, maxBodyBytes: 1024 });

/** Theoretical values, states of expiries and underlyings, and quotes for refits. A tick that moves a whole chain is one record for each expiry. */
export const theos = stream({ name: 'theos', capacityBytes: 1 << 24, maxBodyBytes: LARGEST_BODY });
/** Surfaces from the calibrator, on their way to the sequencer. */
export const surfaces = stream({ name: 'surfaces', capacityBytes: 1 << 20, maxBodyBytes: LARGEST_BODY });

/** The newest state of every expiry, by its index, for people to look at. */
export function shownExpiries(expiries: number): LatestEdge {
  return latest({ name: 'expiries-shown', keys: expiries, maxBodyBytes: ExpiryState.sizeOf() });
}

/** The newest state of every underlying, by its index, for people to look at. */
export function shownUnderlyings(underlyings: number): LatestEdge {
  return latest({ name: 'underlyings-shown', keys: underlyings, maxBodyBytes: UnderlyingState.sizeOf() });
}

/** All theos of an expiry, by its index, a few times a second, for people to look at: a TheoRun of every option. */
export function shownTheos(expiries: number, optionsPerExpiry: number): LatestEdge {
  return latest({
    name: 'theos-shown',
    keys: expiries,
    maxBodyBytes: TheoRun.sizeOf() + optionsPerExpiry * Theo.sizeOf(),
  });
}

/** The quotes with which the filter last asked for a refit, by underlying: the calibrator's input, which holds nobody back. */
export function shownChains(underlyings: number, maxBodyBytes: number): LatestEdge {
  return latest({ name: 'chains-shown', keys: underlyings, maxBodyBytes });
}

/** Anomalies, statistics, and what the volatility filter's rules filter out. */
export const anomalies = stream({ name: 'anomalies', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
/** States of alerts, on their way to the sequencer. */
export const alertChanges = stream({ name: 'alert-changes', capacityBytes: 1 << 20, maxBodyBytes: 64 * 1024 });

/** What is held and what it risks: positions, exposures, profit and loss. */
export const exposures = stream({ name: 'exposures', capacityBytes: 1 << 20, maxBodyBytes: 1024 });

/** The newest position in every instrument, for people to look at. */
export function shownPositions(instruments: number): LatestEdge {
  return latest({ name: 'positions-shown', keys: instruments, maxBodyBytes: Position.sizeOf() });
}

/** The newest exposure to every underlying, for people to look at. */
export function shownExposures(underlyings: number): LatestEdge {
  return latest({ name: 'exposures-shown', keys: underlyings, maxBodyBytes: UnderlyingExposure.sizeOf() });
}

/** The newest profit and loss of every underlying, for people to look at. */
export function shownProfits(underlyings: number): LatestEdge {
  return latest({ name: 'profits-shown', keys: underlyings, maxBodyBytes: ProfitLoss.sizeOf() });
}

/** Our count of each currency's money beside the venue's at the last look, for people to look at. */
export function shownTieOuts(): LatestEdge {
  return latest({ name: 'tie-outs-shown', keys: MOST_CURRENCIES, maxBodyBytes: TieOut.sizeOf() });
}

/** What each underlying would hold at worst, for people to look at. */
export function shownWorstCases(underlyings: number): LatestEdge {
  return latest({ name: 'worst-cases-shown', keys: underlyings, maxBodyBytes: WorstCase.sizeOf() });
}

/** The state of risk of everything, for people to look at. */
export function shownRiskStates(): LatestEdge {
  return latest({ name: 'risk-states-shown', keys: 1, maxBodyBytes: RiskState.sizeOf() });
}

/** The newest wanted hedge of every underlying, with its why, for people to look at. */
export function shownHedges(underlyings: number): LatestEdge {
  return latest({ name: 'hedges-shown', keys: underlyings, maxBodyBytes: DesiredHedge.sizeOf() });
}

/** Where profit comes from, markouts and performance. */
export const analytics = stream({ name: 'analytics', capacityBytes: 1 << 20, maxBodyBytes: 1024 });

/** The newest attribution of every underlying's profit, for people to look at. */
export function shownAttributions(underlyings: number): LatestEdge {
  return latest({ name: 'attributions-shown', keys: underlyings, maxBodyBytes: Attribution.sizeOf() });
}

/** The newest performance of every underlying, for people to look at. */
export function shownPerformances(underlyings: number): LatestEdge {
  return latest({ name: 'performances-shown', keys: underlyings, maxBodyBytes: Performance.sizeOf() });
}

/** The newest markout of every bucket and horizon, for people to look at. */
export function shownMarkouts(buckets: number): LatestEdge {
  return latest({ name: 'markouts-shown', keys: buckets, maxBodyBytes: Markout.sizeOf() });
}

/** Fills, refusals and lines that people can look back at: each takes the place of the oldest. */
const EVENTS_SHOWN = 4096;

/** The newest state of every order, by its place in the order table, for people to look at. */
export function shownOrders(orders: number): LatestEdge {
  return latest({ name: 'orders-shown', keys: orders, maxBodyBytes: OrderUpdate.sizeOf() });
}

/** The last fills, for people to look at. */
export const shownFills = latest({ name: 'fills-shown', keys: EVENTS_SHOWN, maxBodyBytes: Fill.sizeOf() });
/** The last trades of the market, for people to look at. */
export const shownTrades = latest({ name: 'trades-shown', keys: EVENTS_SHOWN, maxBodyBytes: Trade.sizeOf() });
/** The newest report of every group of market maker protection, in the order in which they first spoke. */
export const shownProtections = latest({ name: 'protections-shown', keys: 64, maxBodyBytes: MmpReport.sizeOf() });
/** Levels of each side of a book that people are shown. */
export const SHOWN_LEVELS = 10;
/** The first levels of every book: both sides, touch first, a few times a second. */
export function shownLadders(instruments: number): LatestEdge {
  return latest({ name: 'ladders-shown', keys: instruments, maxBodyBytes: 2 * SHOWN_LEVELS * BookLevel.sizeOf() });
}
/** The newest fit of every expiry's smile, by its index, for people to look at. */
export const shownSlices = latest({ name: 'slices-shown', keys: 256, maxBodyBytes: SliceFit.sizeOf() });
/** What the last hedges cost, for people to look at. */
export const shownHedgeCosts = latest({ name: 'hedge-costs-shown', keys: 1024, maxBodyBytes: HedgeCost.sizeOf() });
/** The last refusals of risk, for people to look at. */
export const shownRefusals = latest({ name: 'refusals-shown', keys: EVENTS_SHOWN, maxBodyBytes: Refusal.sizeOf() });
/** The last change of every limit, for people to look at. */
export const shownLimits = latest({ name: 'limits-shown', keys: 64, maxBodyBytes: LimitState.sizeOf() });
/** What became of the last commands at the engine's door, and of those that are in the log. */
export const shownReceipts = latest({ name: 'receipts-shown', keys: 256, maxBodyBytes: CommandReceipt.sizeOf() });
export const shownLogged = latest({ name: 'logged-commands-shown', keys: 256, maxBodyBytes: CommandReceipt.sizeOf() });
