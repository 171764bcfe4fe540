import { Attribution } from '../../../schemas/generated/attribution.js';
import { DesiredHedge } from '../../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { Markout } from '../../../schemas/generated/markout.js';
import { Performance } from '../../../schemas/generated/performance.js';
import { ProfitLoss } from '../../../schemas/generated/profit-loss.js';
import { UnderlyingExposure } from '../../../schemas/generated/underlying-exposure.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { HedgeUrgency } from '../../market/hedging/hedge-rule.js';
import { PullReason } from '../../market/orders/codes.js';
import { QuoteLimit } from '../../market/quoting/codes.js';
import { MARKOUT_SECONDS } from '../../market/quoting/markouts.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import type { FeedMemory } from './feed-source.js';

/** Quotes that are listed, the most valuable to look at first. */
const MOST_QUOTES = 6;

const wordOf = (codes: Readonly<Record<string, number>>, code: number): string =>
  (Object.entries(codes).find(([, value]) => value === code)?.[0] ?? `code ${code}`).toLowerCase().replaceAll('_', ' ');

/** Thousands of USD, with a sign. */
function usd(value: number): string {
  const [scaled, unit] = Math.abs(value) < 1e6 ? [value / 1e3, 'k'] : [value / 1e6, 'M'];
  return `${scaled >= 0 ? '+' : ''}${scaled.toFixed(2)}${unit}`;
}

/** Where a quote stands and why, in ticks' digits: the parts that are there. */
export function whyText(quote: DesiredQuote): string {
  const part = (name: string, value: number): string[] =>
    Math.abs(value) < 5e-6 ? [] : [`${name} ${value.toFixed(5)}`];
  const reason = quote.pullReason();
  if (reason !== PullReason.NONE && quote.bidAmount() === 0 && quote.askAmount() === 0)
    return `not quoted: ${wordOf(PullReason, reason)}`;
  const bound = [quote.bindingLimit(), quote.sizeLimit()].filter((limit) => limit !== QuoteLimit.NONE);
  return [
    ...part('base', quote.widthBase()),
    ...part('uncertain', quote.widthUncertainty()),
    ...part('regime', quote.widthRegime()),
    ...part('event', quote.widthEvent()),
    ...part('expiry', quote.widthExpiry()),
    ...part('markout', quote.widthMarkout()),
    ...part('toxic', quote.widthToxicity()),
    ...part('vega skew', quote.skewVega()),
    ...part('delta skew', quote.skewDelta()),
    ...part('position skew', quote.skewPosition()),
    ...part('flow skew', quote.skewFlow()),
    ...bound.map((limit) => `bound by ${wordOf(QuoteLimit, limit)}`),
  ].join(', ');
}

/** What is quoted and held: profit, Greeks, hedges and the quotes with their why, as lines for a screen. */
export function deskLines(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  { definitions }: Pick<FeedMemory, 'definitions'>,
): () => string[] {
  const open = (name: string): LatestReader | undefined =>
    shown[name] === undefined
      ? undefined
      : new LatestReader(attachArena(openShared(shown[name], 'read'), name, EdgeKind.LATEST, engineRun));
  const names: string[] = [];
  let read = 0;
  const profits = new Map<number, string>();
  const exposures = new Map<number, string>();
  const hedges = new Map<number, string>();
  const quotes = new Map<number, { gain: number; isQuoted: boolean; text: string }>();
  const profit = new ProfitLoss();
  const exposure = new UnderlyingExposure();
  const hedge = new DesiredHedge();
  const quote = new DesiredQuote();
  const nameOf = (instrument: number): string => names[instrument] ?? `#${instrument}`;
  const poll = (
    edge: LatestReader | undefined,
    take: (buffer: ViewBuffer, body: number, key: number) => void,
  ): void => {
    edge?.poll((_type, buffer, offset, key) => take(buffer, offset + HEADER_BYTES, key), Number.POSITIVE_INFINITY);
  };
  const edges = {
    profits: open('profits-shown'),
    exposures: open('exposures-shown'),
    hedges: open('hedges-shown'),
    quotes: open('quotes-shown'),
    attributions: open('attributions-shown'),
    performances: open('performances-shown'),
    markouts: open('markouts-shown'),
  };
  const attributions = new Map<number, string>();
  const performances = new Map<number, string>();
  const markouts = new Map<number, { seconds: number; fills: number; mean: number }>();
  const attribution = new Attribution();
  const performance = new Performance();
  const markout = new Markout();

  return () => {
    if (edges.quotes === undefined) return [];
    read = definitions.read(read, (id, { name }) => {
      names[id] = name;
    });
    poll(edges.profits, (buffer, body, key) => {
      profit.__init(body, buffer);
      profits.set(
        key,
        `P&L ${usd(profit.totalUsd())} USD   edge ${profit.edge().toFixed(4)}  fees ${profit.fees().toFixed(4)}  ` +
          `fills ${profit.fills()}  traded ${usd(profit.volumeUsd())}`,
      );
    });
    poll(edges.exposures, (buffer, body, key) => {
      exposure.__init(body, buffer);
      exposures.set(
        key,
        `delta ${exposure.netDelta().toFixed(3)}  gamma/1% ${usd(exposure.dollarGamma())}  ` +
          `vega/pt ${usd(exposure.vega() / 100)}  weighted ${usd(exposure.weightedVega() / 100)}  theta/day ${usd(exposure.theta() / 365)}`,
      );
    });
    poll(edges.hedges, (buffer, body, key) => {
      hedge.__init(body, buffer);
      const band = `band ${hedge.bandLow().toFixed(3)} to ${hedge.bandHigh().toFixed(3)}`;
      hedges.set(
        key,
        hedge.urgency() === HedgeUrgency.NONE
          ? 'no hedge wanted'
          : `${wordOf(HedgeUrgency, hedge.urgency())} ${hedge.side() === 1 ? 'buy' : 'sell'} ${hedge.amount()} ` +
              `${nameOf(hedge.instrument())} at ${hedge.price()}, ${band}`,
      );
    });
    poll(edges.quotes, (buffer, body, key) => {
      quote.__init(body, buffer);
      const isQuoted = quote.bidAmount() > 0 || quote.askAmount() > 0;
      const side = (price: number, amount: number): string => (amount > 0 ? `${price} x ${amount}` : '-');
      quotes.set(key, {
        gain: Math.abs(quote.vega()),
        isQuoted,
        text:
          `${nameOf(key).padEnd(22)} ${side(quote.bidPrice(), quote.bidAmount()).padStart(13)} ` +
          `[${quote.theo().toFixed(5)} ${(100 * quote.volatility()).toFixed(1)}%] ` +
          `${side(quote.askPrice(), quote.askAmount()).padEnd(13)} ${whyText(quote)}`,
      });
    });
    poll(edges.attributions, (buffer, body, key) => {
      attributions.set(key, attributionText(attribution.__init(body, buffer)));
    });
    poll(edges.performances, (buffer, body, key) => {
      performance.__init(body, buffer);
      performances.set(
        key,
        `duty ${(100 * performance.uptime()).toFixed(1)} % (${performance.quotes()} of ${performance.wanted()} now)  ` +
          `orders per fill ${performance.orderToVolume().toFixed(0)}  drawdown ${usd(performance.drawdownUsd())}  ` +
          `vega s.d. ${usd(performance.vegaDeviation() / 100)}/pt  delta s.d. ${performance.deltaDeviation().toFixed(3)}`,
      );
    });
    poll(edges.markouts, (buffer, body, key) => {
      markout.__init(body, buffer);
      markouts.set(key, { seconds: markout.seconds(), fills: markout.bucketFills(), mean: markout.bucketMean() });
    });
    const all = [...quotes.values()];
    const quoted = all.filter(({ isQuoted }) => isQuoted);
    return [
      '',
      `quotes: ${quoted.length} options of ${all.length}`,
      ...[...exposures].map(([key, text]) => `  ${key}: ${text}`),
      ...[...profits].map(([key, text]) => `  ${key}: ${text}`),
      ...[...attributions].map(([key, text]) => `  ${key}: ${text}`),
      ...[...performances].map(([key, text]) => `  ${key}: ${text}`),
      ...(markouts.size === 0 ? [] : [`  markouts: ${markoutText([...markouts.values()])}`]),
      ...[...hedges].map(([key, text]) => `  ${key}: hedge: ${text}`),
      ...quoted
        .sort((a, b) => b.gain - a.gain)
        .slice(0, MOST_QUOTES)
        .map(({ text }) => `  ${text}`),
    ];
  };
}

/** Terms of the profit, settlement currency. */
function attributionText(told: Attribution): string {
  const terms: [string, number][] = [
    ['delta', told.delta()],
    ['hedges', told.hedge()],
    ['gamma', told.gamma()],
    ['vega', told.vega()],
    ['theta', told.theta()],
    ['vanna', told.vanna()],
    ['volga', told.volga()],
    ['edge', told.edge()],
    ['hedge cost', told.hedgeCost()],
    ['fees', told.fees()],
    ['funding', told.funding()],
    ['settled', told.settled()],
    ['residual', told.residual()],
  ];
  return `${terms.map(([name, value]) => `${name} ${value.toFixed(4)}`).join('  ')}  = ${told.total().toFixed(4)}`;
}

/** Mean over all buckets by horizon, in points of vol. */
function markoutText(markouts: readonly { seconds: number; fills: number; mean: number }[]): string {
  return MARKOUT_SECONDS.map((seconds) => {
    const own = markouts.filter((each) => each.seconds === seconds);
    const fills = own.reduce((sum, each) => sum + each.fills, 0);
    const mean = own.reduce((sum, each) => sum + each.fills * each.mean, 0) / Math.max(1, fills);
    return `${seconds} s ${(100 * mean).toFixed(2)} vol points over ${fills} fills`;
  }).join(', ');
}
