import type { AlertEngine } from '../../engine/market/alerts/index.js';
import { anomalyNames } from '../../engine/market/anomaly/kinds.js';
import { EVERY_INSTRUMENT, type Instrument } from '../../engine/market/instrument.js';
import { CellCount } from '../../engine/market/orders/cells.js';
import { OtherEngine } from '../../engine/market/orders/other-engine.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { Reason } from '../../engine/market/quality/reason.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { FeedOutage } from '../../schemas/generated/feed-outage.js';
import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { ForeignOrders } from './foreign-orders.js';

/** Numbers of the statistics that are metrics, `<name>.<underlying>`. */
const STATISTICS: readonly [string, (record: MarketStatistics) => number][] = [
  ['price', (s) => s.price()],
  ['realised_vol', (s) => s.realised()],
  ['implied_vol', (s) => s.implied()],
  ['realised_over_implied', (s) => s.realisedOverImplied()],
  ['skewness', (s) => s.skewness()],
  ['kurtosis', (s) => s.kurtosis()],
  ['autocorrelation', (s) => s.autocorrelation()],
  ['absolute_autocorrelation', (s) => s.absoluteAutocorrelation()],
  ['correlation', (s) => s.correlation()],
  ['jump', (s) => s.jump()],
  ['volume', (s) => s.volume()],
  ['spread', (s) => s.spread()],
  ['basis', (s) => s.basis()],
  ['crossed', (s) => s.crossed()],
  ['frozen', (s) => s.frozen()],
  ['quotes', (s) => s.quotes()],
  ['filtered', (s) => (s.rules() === 0 ? 0 : 1)],
  ['anomalies', (s) => s.anomalies()],
];

/** Numbers of an underlying as the volatility filter tells them, `<name>.<underlying>` and what stands behind. 0 is none. */
const UNDERLYING: readonly [string, string, (record: UnderlyingState) => number][] = [
  ['index', '', (u) => u.index()],
  ['index_age', '', (u) => u.indexAge()],
  ['surface_age', '', (u) => u.surfaceAge()],
  ['forecast_vol', '.1s', (u) => u.vol1s()],
  ['forecast_vol', '.1m', (u) => u.vol1m()],
  ['forecast_vol', '.15m', (u) => u.vol15m()],
  ['forecast_vol', '.1h', (u) => u.vol1h()],
  ['forecast_vol', '.30d', (u) => u.forecast30d()],
  ['atm_vol', '.30d', (u) => u.implied30d()],
  ['risk_premium', '', (u) => u.riskPremium()],
  ['vol_percentile', '', (u) => u.percentile()],
  ['regime', '', (u) => u.regime()],
  ['failed_fits', '', (u) => u.failedFits()],
];
/** Those of which 0 means that there is none. */
const MISSING_AT_ZERO = new Set(['index', 'forecast_vol', 'atm_vol']);

/** Numbers of one expiry, `<name>.<underlying>.<expiry>`, the expiry as in instruments' names, in small letters. */
const EXPIRY: readonly [string, (record: ExpiryState) => number][] = [
  ['forward', (e) => e.forward()],
  ['atm_vol', (e) => e.atmVol()],
  ['skew', (e) => e.skew()],
  ['risk_reversal', (e) => e.riskReversal25()],
  ['butterfly', (e) => e.butterfly25()],
  ['fit_age', (e) => e.fitAge()],
  ['fit_error', (e) => e.fitError()],
  ['inside', (e) => e.insideShare()],
  ['violations', (e) => e.violations()],
  ['quality_flags', (e) => e.flags()],
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Rules of the volatility filter whose state is a metric. */
const FILTER_RULES = 8;
const OUTAGE_BEGINS = 1;
const PHASE_BEGINS = 1;

/** What metrics call an underlying: the currency of its index, with the other one where that is not USD. */
export function underlyingName({ priceIndex, baseCurrency }: Pick<Instrument, 'priceIndex' | 'baseCurrency'>): string {
  const name = (priceIndex === '' ? baseCurrency : priceIndex).toLowerCase();
  return name.replace(/_usd$/, '').replace(/[^a-z0-9_]/g, '_');
}

/** `27jun26` of a time in microseconds. */
export function expiryName(micros: number): string {
  const day = new Date(micros / 1000);
  return `${day.getUTCDate()}${MONTHS[day.getUTCMonth()]}${String(day.getUTCFullYear() % 100).padStart(2, '0')}`;
}

/** A currency's name of its two words, in small letters. */
function currencyName(word0: number, word1: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(word0, 0);
  bytes.writeUInt32LE(word1, 4);
  return bytes.toString('latin1').replace(/\0+$/, '').toLowerCase();
}

/**
 * Names the numbers of records, and publishes them to the alerts. The list of names is what a rule can watch; what nobody
 * watches costs a store in an array.
 */
export class MetricFeed {
  private readonly engine: AlertEngine;
  /** By underlying number: names by the order of first definitions, as every stage numbers them. */
  private readonly underlyings: string[] = [];
  private readonly indices: string[] = [];
  /** By instrument id. */
  private readonly underlyingOf: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  private readonly statistics = new MarketStatistics();
  private readonly underlying = new UnderlyingState();
  private readonly expiry = new ExpiryState();
  private readonly anomaly = new Anomaly();
  private readonly filter = new FilterEvent();
  private readonly outage = new FeedOutage();
  private readonly state = new EngineState();
  private readonly tieOut = new TieOut();
  /** By currency: how far the last whole day was from tying out, in multiples of what is allowed. */
  private readonly tieOuts = new Map<string, number>();
  private readonly order = new OrderReport();
  private readonly reconcile = new ReconcileReport();
  private readonly started = new RunStarted();
  private readonly foreign = new ForeignOrders();
  private readonly otherEngine = new OtherEngine(new CellCount());
  private readonly now = new Float64Array(1);
  /** Orders that another engine was seen to open. */
  private otherOrders = 0;
  private outages = 0;
  private time = 0;

  constructor(engine: AlertEngine) {
    this.engine = engine;
  }

  /** Publishes what a record says, at its event time (microseconds). */
  take(type: number, buffer: ViewBuffer, offset: number): void {
    this.time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.INSTRUMENT_DEFINITION:
        this.ofDefinition(buffer, offset);
        break;
      case MessageType.MARKET_STATISTICS:
        this.ofStatistics(this.statistics.__init(body, buffer));
        break;
      case MessageType.ANOMALY:
        this.ofAnomaly(this.anomaly.__init(body, buffer));
        break;
      case MessageType.FILTER_EVENT:
        this.ofFilter(this.filter.__init(body, buffer));
        break;
      case MessageType.UNDERLYING_STATE:
        this.ofUnderlying(this.underlying.__init(body, buffer));
        break;
      case MessageType.EXPIRY_STATE:
        this.ofExpiry(this.expiry.__init(body, buffer));
        break;
      case MessageType.FEED_OUTAGE:
        this.ofOutage(this.outage.__init(body, buffer));
        break;
      case MessageType.ORDER_REPORT:
        this.ofOrder(this.order.__init(body, buffer), buffer);
        break;
      case MessageType.RECONCILE_REPORT:
        this.foreign.onReconcile(this.reconcile.__init(body, buffer));
        this.ofAccount();
        break;
      case MessageType.RUN_STARTED:
        this.now[0] = this.time;
        this.otherEngine.onStart(this.started.__init(body, buffer).run(), this.now);
        break;
      case MessageType.TIE_OUT:
        this.ofTieOut(this.tieOut.__init(body, buffer));
        break;
      case MessageType.ENGINE_STATE:
        this.publish('engine.state', this.state.__init(body, buffer).state());
        break;
    }
  }

  private ofOrder(report: OrderReport, buffer: ViewBuffer): void {
    const known = this.foreign.count;
    this.now[0] = this.time;
    this.foreign.onOrder(report, buffer);
    const isOther = this.otherEngine.look(report, this.now);
    if (isOther) this.otherOrders++;
    if (isOther || this.foreign.count !== known) this.ofAccount();
  }

  /** Who else trades on the account. */
  private ofAccount(): void {
    this.publish('account.foreign_orders', this.foreign.count);
    this.publish('account.other_engine_orders', this.otherOrders);
  }

  /** A whole day's result stands until the next one; a look in between only says that it still does. */
  private ofTieOut(told: TieOut): void {
    const currency = currencyName(told.currency0(), told.currency1());
    if (told.state() === TieState.DAY_TIES) this.tieOuts.set(currency, 0);
    else if (told.state() === TieState.DAY_DIFFERS) {
      const times = Math.abs(told.difference()) / told.tolerance();
      this.tieOuts.set(currency, Number.isNaN(times) ? Number.MAX_VALUE : times);
    }
    this.publish(`tie_out.${currency}`, this.tieOuts.get(currency) ?? 0);
  }

  /** An instrument is known: its underlying has a number and a name. */
  define(id: number, instrument: Instrument): void {
    const index = instrument.priceIndex === '' ? instrument.baseCurrency : instrument.priceIndex;
    const name = underlyingName(instrument);
    if (!this.indices.includes(index)) {
      this.indices.push(index);
      this.underlyings.push(name);
    }
    this.underlyingOf[id] = name;
  }

  private ofDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.define(id, instrument);
  }

  private ofStatistics(record: MarketStatistics): void {
    const name = this.underlyings[record.underlying()];
    if (name === undefined) return;
    for (const [metric, value] of STATISTICS) this.publish(`${metric}.${name}`, value(record));
    for (let rule = 0; rule < FILTER_RULES; rule++) {
      this.publish(`filter.${name}.${rule}`, (record.rules() >> rule) & 1);
    }
    // Counts that stand still are known all the same: a rule must not take them for missing.
    for (const kind of anomalyNames.slice(1)) {
      const counted = `anomaly_count.${kind}.${name}`;
      this.publish(counted, this.counts.get(counted) ?? 0);
    }
    this.publish('feed.outages', this.outages);
    this.ofAccount();
  }

  /** How often each kind was told, and how large the last one was. */
  private ofAnomaly(record: Anomaly): void {
    const name = this.underlyings[record.underlying()];
    const kind = anomalyNames[record.kind()];
    if (name === undefined || kind === undefined) return;
    const counted = `anomaly_count.${kind}.${name}`;
    const count = (this.counts.get(counted) ?? 0) + 1;
    this.counts.set(counted, count);
    this.publish(counted, count);
    this.publish(`anomaly_score.${kind}.${name}`, record.score());
    this.publish(`anomaly_size.${kind}.${name}`, record.sizeUsd());
  }

  private ofFilter(record: FilterEvent): void {
    const name = this.underlyings[record.underlying()];
    if (name === undefined) return;
    this.publish(`filter.${name}.${record.rule()}`, record.phase() === PHASE_BEGINS ? 1 : 0);
    this.publish(`filter_excess.${name}.${record.rule()}`, record.excess());
  }

  private ofUnderlying(record: UnderlyingState): void {
    const name = this.underlyingOf[record.option()];
    if (name === undefined) return;
    for (const [metric, suffix, read] of UNDERLYING) {
      const value = read(record);
      this.publish(`${metric}.${name}${suffix}`, value === 0 && MISSING_AT_ZERO.has(metric) ? Number.NaN : value);
    }
  }

  private ofExpiry(record: ExpiryState): void {
    const name = this.underlyingOf[record.option()];
    if (name === undefined) return;
    const expiry = expiryName(record.expiryTime());
    for (const [metric, read] of EXPIRY) {
      const value = read(record);
      const isMissing = value === 0 && (metric === 'atm_vol' || metric === 'forward');
      this.publish(`${metric}.${name}.${expiry}`, isMissing ? Number.NaN : value);
    }
  }

  private ofOutage(record: FeedOutage): void {
    // A book that nobody follows any more is no outage.
    if (record.reason() === Reason.UNFOLLOWED) return;
    if (record.phase() === OUTAGE_BEGINS) this.outages++;
    this.publish('feed.outages', this.outages);
    if (record.instrument() === EVERY_INSTRUMENT) {
      this.publish('feed.connection', record.phase() === OUTAGE_BEGINS ? 0 : 1);
    }
  }

  private publish(name: string, value: number): void {
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.engine.metrics.place(name);
      this.places.set(name, place);
    }
    this.engine.publish(place, value, this.time);
  }
}
