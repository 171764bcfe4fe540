import { recordedBars } from '../../../engine/testing/recorded-bars.js';
import { Column, MarketPath } from '../../venue-sim/world/market-path.js';
import { WORLD } from '../../venue-sim/world/parameters.js';
import {
  median,
  offTicks,
  onFinestTicks,
  type Quote,
  type SmileRow,
  type SpreadCell,
  smileShape,
  smileTable,
  spreadTable,
} from './quote-statistics.js';
import { recordedQuotes } from './recorded-quotes.js';
import { LAGS, type ReturnStatistics, returnCorrelation, returnStatistics } from './return-statistics.js';
import { simulatedMarks, simulatedQuotes } from './simulated-quotes.js';

/** A statistic of the market, simulated and recorded. */
export interface Compared {
  name: string;
  unit: string;
  simulated: number;
  recorded: number;
  /** How much it counts in the distance of its group. */
  weight: number;
}

/** How far the simulated market is from the recorded one in one respect. */
export interface Distance {
  name: string;
  /** Mean of absolute differences; of `ratio` the mean absolute logarithm of ratios. */
  value: number;
  measure: 'ratio' | 'difference';
  parts: Compared[];
}

/** Months of the chains that the world was calibrated to, and every which snapshot of them is read. */
export const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04'] as const;

/** Worlds whose smiles are looked at: one is a draw from their factors, many show the medians. */
const SMILE_SEEDS = 300;

function distance(name: string, measure: Distance['measure'], parts: readonly Compared[]): Distance {
  const known = parts.filter(({ simulated, recorded }) => Number.isFinite(simulated) && Number.isFinite(recorded));
  const off = ({ simulated, recorded }: Compared): number =>
    Math.abs(measure === 'ratio' ? Math.log(simulated / recorded) : simulated - recorded);
  const weight = known.reduce((sum, part) => sum + part.weight, 0);
  return { name, measure, parts: known, value: known.reduce((sum, part) => sum + part.weight * off(part), 0) / weight };
}

const cellName = ({ days, delta }: SpreadCell): string => `from ${days} d, |delta| from ${delta}`;

function paired(
  name: (cell: SpreadCell) => string,
  unit: string,
  simulated: readonly SpreadCell[],
  recorded: readonly SpreadCell[],
  pick: (cell: SpreadCell) => number,
): Compared[] {
  return simulated.flatMap((cell) => {
    const other = recorded.find(({ days, delta }) => days === cell.days && delta === cell.delta);
    if (other === undefined) return [];
    return [{ name: name(cell), unit, simulated: pick(cell), recorded: pick(other), weight: Math.sqrt(cell.count) }];
  });
}

/** Spreads and empty bids of one currency. */
function compareSpreads(
  currency: string,
  simulated: readonly SpreadCell[],
  recorded: readonly SpreadCell[],
): Distance[] {
  const liked = (cells: readonly SpreadCell[]): SpreadCell[] => cells.filter(({ delta }) => delta < 0.65);
  const deep = (cells: readonly SpreadCell[]): SpreadCell[] => cells.filter(({ delta }) => delta >= 0.65);
  return [
    distance(
      `${currency} spreads, out of and at the money`,
      'ratio',
      paired(cellName, 'ticks', liked(simulated), liked(recorded), ({ ticks }) => ticks),
    ),
    distance(
      `${currency} spreads in volatility, out of and at the money`,
      'ratio',
      paired(cellName, 'points', liked(simulated), liked(recorded), ({ points }) => points),
    ),
    distance(
      `${currency} spreads, in the money`,
      'ratio',
      paired(cellName, 'ticks', deep(simulated), deep(recorded), ({ ticks }) => ticks),
    ),
    distance(
      `${currency} empty bids`,
      'difference',
      paired(cellName, 'part', simulated, recorded, ({ emptyBids }) => emptyBids),
    ),
    distance(
      `${currency} empty offers`,
      'difference',
      paired(cellName, 'part', simulated, recorded, ({ emptyAsks }) => emptyAsks),
    ),
  ];
}

function compareSmiles(currency: string, simulated: readonly SmileRow[], recorded: readonly SmileRow[]): Distance[] {
  const rows = (pick: (row: SmileRow) => number): Compared[] =>
    simulated.flatMap((row) => {
      const other = recorded.find(({ days }) => days === row.days);
      if (other === undefined) return [];
      const name = `from ${row.days} d`;
      return [{ name, unit: 'points', simulated: 100 * pick(row), recorded: 100 * pick(other), weight: 1 }];
    });
  return [
    distance(
      `${currency} vol at the money`,
      'difference',
      rows(({ atmVol }) => atmVol),
    ),
    distance(
      `${currency} risk reversal`,
      'difference',
      rows(({ riskReversal }) => riskReversal),
    ),
    distance(
      `${currency} butterfly`,
      'difference',
      rows(({ butterfly }) => butterfly),
    ),
  ];
}

/** Whether prices stand where the venue's ticks are, and below the first step make use of the finest. */
function compareTicks(currency: string, simulated: readonly Quote[], recorded: readonly Quote[]): Distance {
  const row = (name: string, pick: (quotes: readonly Quote[]) => number): Compared => {
    return { name, unit: 'part', simulated: pick(simulated), recorded: pick(recorded), weight: 1 };
  };
  return distance(`${currency} ticks`, 'difference', [
    row('off the ticks', offTicks),
    row('on the finest ticks, below the first step', onFinestTicks),
  ]);
}

const ofCurrency = (chains: ReadonlyMap<string, Quote[]>, currency: string): Quote[][] =>
  [...chains.values()].filter((quotes) => quotes[0]?.currency === currency);

/** Quotes of simulated worlds beside the recorded chains; undefined where recordings are absent. */
export function compareQuotes(seeds: number, seconds: number, everySnapshot: number): Distance[] | undefined {
  const months = MONTHS.map((month) => recordedQuotes(month, everySnapshot));
  if (months.some((month) => month === undefined)) return undefined;
  const recorded = new Map(months.flatMap((month) => [...month!]));
  const simulated = simulatedQuotes(seeds, seconds);
  const marks = simulatedMarks(SMILE_SEEDS);
  return WORLD.currencies.flatMap(({ name }) => {
    const [ours, theirs] = [ofCurrency(simulated, name), ofCurrency(recorded, name)];
    return [
      compareTicks(name, ours.flat(), theirs.flat()),
      ...compareSpreads(name, spreadTable(ours.flat()), spreadTable(theirs.flat())),
      ...compareSmiles(name, smileTable(ofCurrency(marks, name).map(smileShape)), smileTable(theirs.map(smileShape))),
    ];
  });
}

const BAR_MINUTES = 15;

/** Log prices of the simulated indices at the ends of bars. A path of coarser steps has the same law, and is quicker. */
function simulatedBars(seed: number, days: number): number[][] {
  const stepMs = 15_000;
  const path = new MarketPath({ ...WORLD, stepMs }, seed, stepMs, stepMs);
  const perBar = (BAR_MINUTES * 60_000) / stepMs;
  const prices: number[][] = WORLD.currencies.map(() => []);
  for (let bar = 0; bar < (days * 1440) / BAR_MINUTES; bar++) {
    for (let step = 0; step < perBar; step++) path.advance();
    for (const [currency, list] of prices.entries()) {
      list.push(path.values[path.at(currency, 0) + Column.LOG_INDEX]!);
    }
  }
  return prices;
}

/** Medians over several paths: kurtosis of one is a lottery. */
function typical(statistics: readonly ReturnStatistics[]): ReturnStatistics {
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  return {
    vol: middle(statistics.map(({ vol }) => vol)),
    kurtosis: middle(statistics.map(({ kurtosis }) => kurtosis)),
    clustering: LAGS.map((_, lag) => middle(statistics.map(({ clustering }) => clustering[lag]!))),
  };
}

/** Returns of simulated indices beside those of recorded bars of a quarter of an hour; undefined where recordings are absent. */
export function compareReturns(seeds: number, days: number): Distance[] | undefined {
  const bars = WORLD.currencies.map(({ name }) => recordedBars(`bars/15m/${name}USDT_15m.csv.gz`));
  if (bars.some((one) => one === undefined)) return undefined;
  const recordedPrices = bars.map((one) => one!.close.map(Math.log));
  const paths = Array.from({ length: seeds }, (_, seed) => simulatedBars(seed + 1, days));
  const part = (name: string, unit: string, simulated: number, recorded: number): Compared => {
    return { name, unit, simulated, recorded, weight: 1 };
  };
  const distances = WORLD.currencies.flatMap(({ name }, currency) => {
    const prices = recordedPrices[currency]!;
    // As many recorded stretches of the same length as there are: what is rare is as rare in both.
    const length = (days * 1440) / BAR_MINUTES;
    const stretches = Array.from({ length: Math.floor(prices.length / length) }, (_, index) =>
      returnStatistics(prices.slice(index * length, (index + 1) * length), BAR_MINUTES),
    );
    const recorded = typical(stretches);
    const simulated = typical(paths.map((path) => returnStatistics(path[currency]!, BAR_MINUTES)));
    return [
      distance(`${name} volatility of returns`, 'ratio', [part('volatility', 'a year', simulated.vol, recorded.vol)]),
      distance(`${name} kurtosis of returns`, 'ratio', [part('kurtosis', '', simulated.kurtosis, recorded.kurtosis)]),
      distance(
        `${name} clustering of returns`,
        'difference',
        LAGS.map((lag, index) =>
          part(`lag ${lag}`, 'autocorrelation', simulated.clustering[index]!, recorded.clustering[index]!),
        ),
      ),
    ];
  });
  const correlation = median(paths.map((path) => returnCorrelation(path[0]!, path[1]!)));
  const recordedCorrelation = returnCorrelation(recordedPrices[0]!, recordedPrices[1]!);
  return [
    ...distances,
    distance('correlation of returns', 'difference', [part('BTC and ETH', '', correlation, recordedCorrelation)]),
  ];
}
