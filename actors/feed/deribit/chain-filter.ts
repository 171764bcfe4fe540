import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';

/** Which instruments of the venue's lists are followed. What is left out does not restrict. */
export interface ChainFilter {
  /** Currencies whose lists are asked for. */
  currencies: readonly string[];
  /** Microseconds from now to expiry, of what expires. */
  expiresWithin?: number;
  /** The nearest expiries of options only. */
  expiries?: number;
  /** Strikes within this distance from the money: |log(strike / index)|. */
  logMoneyness?: number;
  /** Absolute deltas of options whose books are followed; those without a known delta are. */
  deltas?: { least: number; most: number };
}

/** What is known of the market when choosing. */
export interface ChainView {
  /** Microseconds since the Unix epoch by the venue's clock. */
  now: number;
  /** The venue's index by its name, such as `btc_usd`; undefined where it is not known. */
  index(name: string): number | undefined;
  /** The venue's delta of an option; undefined where it is not known. */
  delta(name: string): number | undefined;
  /** Whether the book of an instrument is followed already; none is where nobody says so. */
  hasBook?(name: string): boolean;
}

/**
 * A followed book is given up only where its delta is beyond a bound by this part of what lies there (of 0.05: below 0.04): a delta
 * at a bound moves to and fro, and each time would cost a subscription.
 */
const STICKINESS = 0.2;

/** The instruments to follow, and of those the ones whose books are followed too. */
export function chooseChain(
  instruments: readonly Instrument[],
  filter: ChainFilter,
  view: ChainView,
): { followed: Instrument[]; withBooks: Instrument[] } {
  const { now } = view;
  const alive = instruments.filter(
    ({ state, expiry }) =>
      expiry > now && state !== LifeCycle.EXPIRED && expiry - now <= (filter.expiresWithin ?? Number.POSITIVE_INFINITY),
  );
  const nearest = nearestExpiries(alive, filter.expiries ?? Number.POSITIVE_INFINITY);
  const followed = alive.filter((instrument) => {
    if (instrument.kind !== InstrumentKind.OPTION) return isOutright(instrument);
    return nearest.has(`${instrument.priceIndex} ${instrument.expiry}`) && isNearMoney(instrument, filter, view);
  });
  const withBooks = followed.filter((instrument) => isInDeltas(instrument, filter, view));
  return { followed, withBooks };
}

/** Combinations are followed by their legs. */
function isOutright({ kind }: Instrument): boolean {
  return kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL || kind === InstrumentKind.SPOT;
}

/** Keys of the first expiries of each underlying. */
function nearestExpiries(instruments: readonly Instrument[], count: number): Set<string> {
  const byIndex = new Map<string, Set<number>>();
  for (const { kind, priceIndex, expiry } of instruments) {
    if (kind !== InstrumentKind.OPTION) continue;
    const expiries = byIndex.get(priceIndex) ?? new Set();
    byIndex.set(priceIndex, expiries.add(expiry));
  }
  const nearest = [...byIndex].flatMap(([index, expiries]) =>
    [...expiries]
      .sort((a, b) => a - b)
      .slice(0, count)
      .map((expiry) => `${index} ${expiry}`),
  );
  return new Set(nearest);
}

function isNearMoney({ strike, priceIndex }: Instrument, { logMoneyness }: ChainFilter, view: ChainView): boolean {
  const index = view.index(priceIndex);
  if (logMoneyness === undefined || index === undefined) return true;
  return Math.abs(Math.log(strike / index)) <= logMoneyness;
}

function isInDeltas({ kind, name }: Instrument, { deltas }: ChainFilter, view: ChainView): boolean {
  const delta = kind === InstrumentKind.OPTION && deltas !== undefined ? view.delta(name) : undefined;
  if (delta === undefined || deltas === undefined) return true;
  const more = view.hasBook?.(name) === true ? STICKINESS : 0;
  const least = deltas.least * (1 - more);
  const most = deltas.most + (1 - deltas.most) * more;
  return Math.abs(delta) >= least && Math.abs(delta) <= most;
}
