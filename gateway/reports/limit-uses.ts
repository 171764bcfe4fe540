import type { LimitName } from '../../engine/market/risk/limits.js';
import { rowsOf } from '../assistant/tools/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { number } from './fields.js';

/** The greatest use of each limit that was seen, by its name. */
export type LimitUses = Map<string, number>;

/** How much of each limit is used, of those whose measure is told: of the underlyings the one that is nearest to it; in the limit's unit. */
export function limitUses(topics: TopicSet): LimitUses {
  const used: LimitUses = new Map();
  const worst = rowsOf(topics, 'worst-cases');
  const greatest = (name: LimitName, measure: (of: (field: string) => number) => number): void => {
    if (worst.length > 0) used.set(name, Math.max(...worst.map((row) => measure((field) => number(row, field)))));
  };
  greatest('deltaUsd', (of) => Math.max(Math.abs(of('deltaUp')), Math.abs(of('deltaDown'))) * of('index'));
  greatest('vega', (of) => Math.max(Math.abs(of('vegaUp')), Math.abs(of('vegaDown'))) / 100);
  greatest('shortGammaUsd', (of) => (Math.max(0, -of('gammaDown')) * of('index') * of('index')) / 100);
  greatest('shortOptionsUsd', (of) => of('shortUp') * of('index'));
  greatest('scenarioLossUsd', (of) => of('scenarioLoss'));
  greatest('marginUse', (of) => of('marginUse'));
  const [trading] = rowsOf(topics, 'trading');
  if (trading !== undefined) {
    used.set('openOrders', number(trading, 'openOrders'));
    used.set('inFlight', number(trading, 'inFlight'));
  }
  return used;
}
