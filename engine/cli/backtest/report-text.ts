import { formatTable } from '../table.js';
import { shortFigure } from './line-chart.js';
import type { BacktestReport } from './report.js';
import type { Summary } from './summary.js';

const HEADINGS = ['profit USD', 's.d.', 'Sharpe', 'drawdown USD', 'fills', 'markout 10 s'];

/** What a backtest found, for the terminal. */
export function reportText(report: BacktestReport): string {
  const { summary, sensitivity, trials, deflatedSharpe, probabilisticSharpe, walkForward, chosen, segments } = report;
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return [
    `${report.name}: ${report.data}; ${segments.length} ${segments.length === 1 ? 'run' : 'runs'}`,
    formatTable(
      ['', ...HEADINGS],
      sensitivity.length === 0
        ? [['all runs', ...cells(summary)]]
        : sensitivity.map((row) => [`${row.what}, ${row.value}`, ...cells(row.summary)]),
    ).trimEnd(),
    ...report.assumptions,
    ...(Object.keys(chosen).length === 0 ? [] : [`chosen of ${trials}: ${JSON.stringify(chosen)}`]),
    ...(walkForward.length === 0
      ? []
      : [
          `walk-forward: ${shortFigure(walkForward.reduce((sum, row) => sum + row.profitUsd, 0) / walkForward.length)} USD a part out of sample`,
        ]),
    `probability of a true Sharpe ratio above 0: ${percent(probabilisticSharpe)}; deflated for ${trials} ${trials === 1 ? 'trial' : 'trials'}: ${percent(deflatedSharpe)}`,
    `configuration ${report.configHash.slice(0, 16)}, data ${report.dataHash.slice(0, 16)}; ${report.runs.made} runs made, ${report.runs.reused} kept from before`,
    '',
  ].join('\n');
}

function cells({ profitUsd, profitDeviation, sharpe, drawdownUsd, fills, markout10 }: Summary): string[] {
  return [profitUsd, profitDeviation, sharpe, drawdownUsd, fills, markout10].map(shortFigure);
}
