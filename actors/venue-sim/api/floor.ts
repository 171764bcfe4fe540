import type { Chaos } from '../chaos/chaos.js';
import { MarginModel } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import { AdvancedOrders } from './advanced.js';
import { Candles } from './candles.js';
import { FundingHistory } from './funding.js';
import { History } from './history.js';
import { Labels } from './labels.js';
import { Listing } from './listing.js';
import { Statistics } from './statistics.js';
import { TradeVolumes } from './trade-volumes.js';

export interface FloorOptions {
  /** On the clock that the venue's calls are given: its time in milliseconds since the Unix epoch. */
  exchange: Exchange;
  chaos: Chaos;
  /** Microseconds since the Unix epoch by the clock that all calls are given. */
  now: () => number;
  testnet?: boolean;
  /** When its world began, milliseconds since the Unix epoch, where it is one of several in a row: ids begin above those of the ones before, so that none is met twice; 0, as without it, for the only one. */
  era?: number;
}

/** What the venue is about: its exchange, what is listed and remembered there, and the clock that clients are told. All that is written for a client is read from here. */
export class VenueFloor {
  readonly exchange: Exchange;
  readonly chaos: Chaos;
  readonly listing: Listing;
  readonly labels: Labels;
  readonly advanced: AdvancedOrders;
  readonly history = new History();
  readonly funding: FundingHistory;
  readonly statistics: Statistics;
  readonly candles = new Candles();
  readonly volumes: TradeVolumes;
  readonly testnet: boolean;
  readonly era: number;
  /** Microseconds since the Unix epoch, by the clock that all calls are given. */
  readonly machineNow: () => number;

  constructor({ exchange, chaos, now, testnet = false, era = 0 }: FloorOptions) {
    this.exchange = exchange;
    this.chaos = chaos;
    this.machineNow = now;
    this.testnet = testnet;
    this.era = era;
    this.listing = new Listing(exchange);
    this.labels = new Labels(exchange.orders);
    this.advanced = new AdvancedOrders(exchange);
    this.funding = new FundingHistory(exchange);
    this.statistics = new Statistics(exchange.config.maxInstruments);
    this.volumes = new TradeVolumes(exchange.instruments, exchange.config.currencies.length);
  }

  /** The venue's clock: that of the calls, and as far as chaos has let it jump. Microseconds since the Unix epoch. */
  clock(now: number): number {
    return Math.floor(now) + this.chaos.clockShiftMicros;
  }

  /** How far the venue's clock is off, milliseconds. */
  get shiftMs(): number {
    return this.chaos.clockShiftMicros / 1000;
  }

  /** A time of the exchange as the venue tells it, milliseconds since the Unix epoch. */
  stamp(milliseconds: number): number {
    return Math.floor(milliseconds + this.shiftMs);
  }

  get isUnderMaintenance(): boolean {
    return this.chaos.isUnderMaintenance(this.machineNow() / 1000);
  }

  /** Slots of an account's open orders. */
  *openOrders(account: number): Generator<number> {
    const { positions, orders } = this.exchange;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) yield slot;
    }
  }

  hasPortfolioMargin(account: number): boolean {
    return this.exchange.accounts.margin[account] === MarginModel.PORTFOLIO;
  }

  estimatedDelivery(index: number): number {
    return this.exchange.indices.estimatedDelivery(index);
  }

  /** Data of `user.mmp_trigger`, and of the status: an end of 0 waits for a reset. */
  protectionJson(account: number, index: number, group: number): string {
    const { protection } = this.exchange;
    const until = protection.frozenUntil(protection.cellOf(account, index, group));
    const frozenUntil = Number.isFinite(until) ? this.stamp(until) : 0;
    const name = group === 0 ? '' : `,"mmp_group":${JSON.stringify(this.labels.groupName(account, group))}`;
    return `{"index_name":"${this.listing.indexNames[index]}"${name},"frozen_until":${frozenUntil}}`;
  }
}
