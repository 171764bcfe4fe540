import type { Position } from '../../schemas/generated/position.js';
import { expiryName } from '../command/target.js';
import { Kind, type Markets } from '../store/markets.js';
import type { Table } from '../store/table.js';

export interface ExpiryRow {
  underlying: string;
  /** 'perpetual' for what has none. */
  expiry: string;
  /** Microseconds since the Unix epoch; Infinity for perpetuals. */
  time: number;
  positions: number;
  delta: number;
  netDelta: number;
  gamma: number;
  vega: number;
  theta: number;
}

/** Greeks of what is held, added up by expiry: where in time the risk lies. */
export class ExpiryGreeks {
  rows: ExpiryRow[] = [];
  private readonly positions: Table<Position>;
  private readonly markets: Markets;
  private version = -1;

  constructor(positions: Table<Position>, markets: Markets) {
    this.positions = positions;
    this.markets = markets;
  }

  refresh(): void {
    const { positions, markets } = this;
    const version = positions.version + markets.listVersion;
    if (version === this.version) return;
    this.version = version;
    const byKey = new Map<string, ExpiryRow>();
    for (let slot = 0; slot < positions.count; slot++) {
      const position = positions.at(slot);
      if (position.size() === 0) continue;
      const row = rowOf(byKey, markets, position.instrument());
      row.positions++;
      row.delta += finite(position.delta());
      row.netDelta += finite(position.netDelta());
      row.gamma += finite(position.gamma());
      row.vega += finite(position.vega());
      row.theta += finite(position.theta());
    }
    this.rows = [...byKey.values()].sort((a, b) => a.underlying.localeCompare(b.underlying) || byTime(a.time, b.time));
  }
}

function rowOf(byKey: Map<string, ExpiryRow>, markets: Markets, instrument: number): ExpiryRow {
  const listed = markets.row(instrument);
  const isPerpetual = listed?.kind() === Kind.PERPETUAL;
  const time = isPerpetual ? Number.POSITIVE_INFINITY : (listed?.expiry() ?? Number.NaN);
  const underlying = markets.underlyingOf(instrument);
  const key = `${underlying} ${time}`;
  let row = byKey.get(key);
  if (row === undefined) {
    const expiry = isPerpetual ? 'perpetual' : expiryName(time);
    row = { underlying, expiry, time, positions: 0, delta: 0, netDelta: 0, gamma: 0, vega: 0, theta: 0 };
    byKey.set(key, row);
  }
  return row;
}

// Two infinities have no difference.
const byTime = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
const finite = (value: number) => (Number.isFinite(value) ? value : 0);
