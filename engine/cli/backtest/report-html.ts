import { barChart, escaped, lineChart, shortFigure } from './line-chart.js';
import type { BacktestReport } from './report.js';
import type { Summary } from './summary.js';

/** Fills that the page lists; the JSON has more. */
const SHOWN_FILLS = 200;
/** Sets of settings of a sweep that it lists, best first. */
const SHOWN_ROWS = 200;

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;color:#222;max-width:1140px;margin:24px auto;padding:0 16px}
h1{font-size:22px}h2{font-size:17px;margin:28px 0 8px}svg{width:100%;height:auto;font:12px sans-serif}svg .title{font-size:13px;font-weight:600}
table{border-collapse:collapse;font-size:13px}th,td{padding:3px 10px;border-bottom:1px solid #e4e4e4;text-align:right}
th:first-child,td:first-child{text-align:left}code{font-size:12px;overflow-wrap:anywhere}.note{color:#555}details{margin:12px 0}`;

/** Headings of `figures`, in their order. */
const FIGURES = [
  'profit USD',
  's.d. of runs',
  'Sharpe a year',
  'Sortino',
  'drawdown USD',
  'fills a run',
  'fees USD',
  'markout 10 s',
];

/** One page with everything in it: no script, no font, no picture from anywhere else. */
export function reportHtml(report: BacktestReport): string {
  const { name, outcomes, chosen, summary, segments } = report;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(name)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(name)}</h1>`,
    `<p>${escaped(report.data)}. ${segments.length === 1 ? 'One run' : `${segments.length} runs`} of volfilter ${escaped(report.version)}.</p>`,
    table(['', ...FIGURES], [['all runs', ...figures(summary)]]),
    skill(report),
    '<h2>What is assumed</h2>',
    `<ul>${report.assumptions.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`,
    Object.keys(chosen).length === 0
      ? ''
      : `<p>Settings that the sweep chose: <code>${escaped(JSON.stringify(chosen))}</code></p>`,
    charts(report),
    sensitivity(report),
    walkForward(report),
    sweep(report),
    '<h2>Markouts</h2><p class="note">What the market did after our fills, mean; positive is good for us.</p>',
    table(
      ['run', 'seconds', 'fills', 'price', 'vol'],
      outcomes.flatMap(({ markouts }, place) =>
        markouts.map(({ seconds, fills, price, vol }) => [
          segments[place]!,
          String(seconds),
          String(fills),
          shortFigure(price),
          shortFigure(vol),
        ]),
      ),
    ),
    '<h2>Other measures</h2>',
    table(
      ['run', ...Object.keys(outcomes[0]?.measures ?? {}), 'requests', 'events', 'digest'],
      outcomes.map(({ measures, totals, events, digest }, place) => [
        segments[place]!,
        ...Object.values(measures).map(shortFigure),
        shortFigure(totals.requests),
        shortFigure(events),
        digest,
      ]),
    ),
    fills(report),
    '<h2>Where this is from</h2>',
    `<p>Configuration <code>${report.configHash}</code><br>data <code>${report.dataHash}</code></p>`,
    `<details><summary>The configuration</summary><pre><code>${escaped(JSON.stringify(report.config, null, 2))}</code></pre></details>`,
    '</body></html>',
    '',
  ].join('\n');
}

function figures(summary: Summary): string[] {
  const { profitUsd, profitDeviation, sharpe, sortino, drawdownUsd, fills: filled, feesUsd, markout10 } = summary;
  return [profitUsd, profitDeviation, sharpe, sortino, drawdownUsd, filled, feesUsd, markout10].map(shortFigure);
}

function skill({ probabilisticSharpe, deflatedSharpe, trials, expectedGreatestSharpe }: BacktestReport): string {
  const percent = (value: number): string => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : 'not known');
  const one = `The probability that the true Sharpe ratio is above zero is ${percent(probabilisticSharpe)}.`;
  if (trials === 1) return `<p>${one} One set of settings was tried.</p>`;
  return `<p>${one} ${trials} sets of settings were tried, and the best of so many without any skill is expected to show ${shortFigure(
    expectedGreatestSharpe,
  )} a year: the deflated Sharpe ratio, the probability that the best is better than that, is <b>${percent(deflatedSharpe)}</b>.</p>`;
}

function charts({ outcomes, segments }: BacktestReport): string {
  const [first] = outcomes;
  if (first === undefined) return '';
  const shown = outcomes.slice(0, 8);
  const { time } = first.series;
  const lines = (values: (place: number) => readonly number[]) =>
    shown.map((_, place) => ({ name: segments[place]!, values: values(place) }));
  const drawdown = (profit: readonly number[]): number[] => {
    let peak = 0;
    return profit.map((value) => {
      peak = Math.max(peak, value);
      return value - peak;
    });
  };
  const terms = Object.keys(first.attribution);
  const meanOf = (term: string): number =>
    outcomes.reduce((sum, { attribution }) => sum + (attribution[term] ?? 0), 0) / outcomes.length;
  const greeks = first.series.vegaUsd.some((value) => value !== 0);
  return [
    `<h2>Equity</h2>${outcomes.length > shown.length ? `<p class="note">The first ${shown.length} of ${outcomes.length} runs.</p>` : ''}`,
    lineChart(
      'profit, USD',
      time,
      lines((place) => shown[place]!.series.profitUsd),
    ),
    lineChart(
      'drawdown, USD',
      time,
      lines((place) => drawdown(shown[place]!.series.profitUsd)),
      110,
    ),
    '<h2>Greeks over time</h2>',
    lineChart(
      'delta, USD',
      time,
      lines((place) => shown[place]!.series.deltaUsd),
      120,
    ),
    ...(greeks
      ? [
          lineChart(
            'gamma, USD of delta for a move of one per cent',
            time,
            lines((place) => shown[place]!.series.gammaUsd),
            120,
          ),
          lineChart(
            'vega, USD for 1.00 of vol, weighted to 30 days',
            time,
            lines((place) => shown[place]!.series.vegaUsd),
            120,
          ),
          lineChart(
            'theta, USD a day',
            time,
            lines((place) => shown[place]!.series.thetaUsd),
            120,
          ),
        ]
      : []),
    '<h2>Attribution</h2>',
    barChart(
      'profit by where it came from, USD, mean of the runs',
      terms.map((name) => ({ name, value: meanOf(name) })),
    ),
  ].join('\n');
}

function sensitivity({ sensitivity: rows, config }: BacktestReport): string {
  const note =
    config.data.kind === 'simulated'
      ? 'The simulated venue matches orders in their order, so no model of queues is assumed.'
      : config.data.kind === 'bars'
        ? 'Bars do not say how the price went between their four prices: the way is assumed.'
        : 'The recorded market does not react to orders; how queues move is a model.';
  if (rows.length === 0)
    return '<h2>Sensitivity</h2><p class="note">Switched off: the figures above are one case, which flatters.</p>';
  return [
    '<h2>Sensitivity</h2>',
    `<p class="note">The same settings under other assumptions. ${note} Fees are what the venue charges; what the strategy believes stays.</p>`,
    table(
      ['assumption', 'value', ...FIGURES],
      rows.map(({ what, value, summary }) => [what, value, ...figures(summary)]),
    ),
  ].join('\n');
}

function walkForward({ walkForward: rows }: BacktestReport): string {
  if (rows.length === 0) return '';
  return [
    '<h2>Walk-forward</h2><p class="note">Each part is judged by the settings that were best on all parts before it.</p>',
    table(
      ['part', 'score before', 'score here', 'profit USD', 'settings'],
      rows.map(({ segment, before, score, profitUsd, settings }) => [
        segment,
        shortFigure(before),
        shortFigure(score),
        shortFigure(profitUsd),
        JSON.stringify(settings),
      ]),
    ),
  ].join('\n');
}

function sweep({ sweep: rows, config }: BacktestReport): string {
  if (rows.length === 0) return '';
  const sorted = [...rows].sort((left, right) => right.score - left.score).slice(0, SHOWN_ROWS);
  const names = Object.keys(config.sweep!.parameters);
  return [
    `<h2>Sweep</h2><p class="note">${rows.length} sets of settings by ${config.sweep!.objective}, best first.</p>`,
    table(
      [...names, 'score', ...FIGURES],
      sorted.map(({ settings, score, summary }) => [
        ...names.map((name) => shortFigure(settings[name]!)),
        shortFigure(score),
        ...figures(summary),
      ]),
    ),
  ].join('\n');
}

function fills({ outcomes, segments }: BacktestReport): string {
  const [first] = outcomes;
  if (first === undefined) return '';
  const shown = first.fills.slice(0, SHOWN_FILLS);
  return [
    `<h2>Fills</h2><p class="note">The first ${shown.length} of ${first.totals.fills} of ${escaped(segments[0]!)}.</p>`,
    table(
      ['time', 'instrument', 'side', 'price', 'amount', 'fee', 'liquidity'],
      shown.map(({ time, instrument, side, price, amount, fee, maker }) => [
        new Date(time).toISOString(),
        instrument,
        side,
        String(price),
        String(amount),
        shortFigure(fee),
        maker ? 'maker' : 'taker',
      ]),
    ),
  ].join('\n');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells('th', headings)}</thead><tbody>${rows.map((row) => cells('td', row)).join('\n')}</tbody></table>`;
}
