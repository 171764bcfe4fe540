import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { LIMIT_NAMES, type LimitName } from '../../engine/market/risk/limits.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { counter, type Family, gauge, type MetricSource, type Put } from './family.js';
import { eachRow } from './topic-rows.js';

/** Vega in USD per point from USD per 1.00 of volatility; and a move of one per cent. */
const POINT = 0.01;

const RISK_STATES = ['active', 'reducing', 'halted'] as const;

function exposures(of: (row: UnderlyingExposure) => number): (source: MetricSource, put: Put) => void {
  return ({ topics, names }, put) => {
    eachRow(topics.merge('exposures'), UnderlyingExposure, (row) => {
      put(of(row), names.of(row.underlying()));
    });
  };
}

function profits(of: (row: ProfitLoss) => number): (source: MetricSource, put: Put) => void {
  return ({ topics, names }, put) => {
    eachRow(topics.merge('profits'), ProfitLoss, (row) => {
      put(of(row), names.of(row.underlying()), currency(row));
    });
  };
}

function tieOuts(of: (row: TieOut) => number): (source: MetricSource, put: Put) => void {
  return ({ topics }, put) => {
    eachRow(topics.merge('tie-outs'), TieOut, (row) => {
      put(of(row), currency(row));
    });
  };
}

function currency(row: Pick<ProfitLoss, 'currency0' | 'currency1'>): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(row.currency0(), 0);
  bytes.writeUInt32LE(row.currency1(), 4);
  return bytes.toString('latin1').replace(/\0+$/, '');
}

function limitValues({ topics }: MetricSource): Map<LimitName, number> {
  const values = new Map<LimitName, number>();
  eachRow(topics.merge('limits'), LimitState, (row) => {
    const name = LIMIT_NAMES[row.limit()];
    if (name !== undefined) values.set(name, row.value());
  });
  return values;
}

/** What is used of each limit of an underlying, in the limit's own unit, by the rules by which risk tests it. */
const USES: readonly (readonly [LimitName, (row: WorstCase) => number])[] = [
  ['deltaUsd', (row) => Math.max(Math.abs(row.deltaUp()), Math.abs(row.deltaDown())) * row.index()],
  ['vega', (row) => Math.max(Math.abs(row.vegaUp()), Math.abs(row.vegaDown())) * POINT],
  ['shortGammaUsd', (row) => Math.max(0, -row.gammaDown() * row.index() * row.index() * POINT)],
  ['shortOptionsUsd', (row) => row.shortUp() * row.index()],
  ['scenarioLossUsd', (row) => row.scenarioLoss()],
  ['marginUse', (row) => row.marginUse()],
];

export const riskFamilies: readonly Family[] = [
  gauge(
    'volfilter_risk_state',
    '1 for the state of risk of the whole book, 0 for the others.',
    ['state'],
    ({ topics }, put) => {
      eachRow(topics.merge('risk-states'), RiskState, (row) => {
        if (row.scope() !== 1) return;
        RISK_STATES.forEach((name, place) => {
          put(row.state() === place + 1 ? 1 : 0, name);
        });
      });
    },
  ),
  gauge('volfilter_limit', 'Limits in force, each in its own unit.', ['limit'], (source, put) => {
    for (const [name, value] of limitValues(source)) put(value, name);
  }),
  gauge(
    'volfilter_tie_out_difference',
    "The venue's count of the money less ours, since the last baseline: of the day, from 08:00 UTC on; settlement currency.",
    ['currency'],
    tieOuts((row) => row.difference()),
  ),
  gauge(
    'volfilter_tie_out_tolerance',
    'By how much the two may differ.',
    ['currency'],
    tieOuts((row) => row.tolerance()),
  ),
  gauge(
    'volfilter_tie_out_differs',
    '1 where they differ by more, 0 where they do not.',
    ['currency'],
    tieOuts((row) => (row.state() === TieState.DIFFERS || row.state() === TieState.DAY_DIFFERS ? 1 : 0)),
  ),
  gauge(
    'volfilter_limit_use_ratio',
    'Share of a limit that is used, all that rests filled on one side.',
    ['underlying', 'limit'],
    (source, put) => {
      const limits = limitValues(source);
      eachRow(source.topics.merge('worst-cases'), WorstCase, (row) => {
        for (const [name, of] of USES) {
          const limit = limits.get(name);
          if (limit !== undefined && limit > 0) put(of(row) / limit, source.names.of(row.underlying()), name);
        }
      });
    },
  ),
  counter('volfilter_risk_approved_total', 'Intents approved.', ['underlying'], ({ topics, names }, put) => {
    eachRow(topics.merge('worst-cases'), WorstCase, (row) => {
      put(row.approved(), names.of(row.underlying()));
    });
  }),
  counter('volfilter_risk_refused_total', 'Intents refused.', ['underlying'], ({ topics, names }, put) => {
    eachRow(topics.merge('worst-cases'), WorstCase, (row) => {
      put(row.refused(), names.of(row.underlying()));
    });
  }),
  gauge(
    'volfilter_positions',
    'Instruments that are held.',
    ['underlying'],
    exposures((row) => row.positions()),
  ),
  gauge(
    'volfilter_delta',
    'Delta, hedges included, units of the underlying.',
    ['underlying'],
    exposures((row) => row.delta()),
  ),
  gauge(
    'volfilter_net_delta',
    'Units of the underlying that hedge the value in its settlement currency.',
    ['underlying'],
    exposures((row) => row.netDelta()),
  ),
  gauge(
    'volfilter_delta_usd',
    'Delta times index.',
    ['underlying'],
    exposures((row) => row.deltaUsd()),
  ),
  gauge(
    'volfilter_dollar_gamma_usd',
    'Change of delta in USD for a move of one per cent.',
    ['underlying'],
    exposures((row) => row.dollarGamma()),
  ),
  gauge(
    'volfilter_vega_usd',
    'USD for a point of volatility.',
    ['underlying'],
    exposures((row) => row.vega() * POINT),
  ),
  gauge(
    'volfilter_weighted_vega_usd',
    'Vega, each expiry times the root of 30 days over its time, USD a point.',
    ['underlying'],
    exposures((row) => row.weightedVega() * POINT),
  ),
  gauge(
    'volfilter_theta_usd_per_day',
    'USD a day.',
    ['underlying'],
    exposures((row) => row.theta() / 365),
  ),
  gauge(
    'volfilter_vanna',
    'Change of delta for 1.00 of volatility.',
    ['underlying'],
    exposures((row) => row.vanna()),
  ),
  gauge(
    'volfilter_volga',
    'Change of vega for 1.00 of volatility.',
    ['underlying'],
    exposures((row) => row.volga()),
  ),
  gauge(
    'volfilter_profit',
    'Profit since the beginning at theoretical value, settlement currency.',
    ['underlying', 'currency'],
    profits((row) => row.total()),
  ),
  gauge(
    'volfilter_profit_usd',
    'The same in USD at the index now.',
    ['underlying', 'currency'],
    profits((row) => row.totalUsd()),
  ),
  gauge(
    'volfilter_profit_day',
    'Profit since the last 08:00 UTC, settlement currency.',
    ['underlying', 'currency'],
    profits((row) => row.dayTotal()),
  ),
  gauge(
    'volfilter_profit_realised',
    'Profit of what was closed, before fees, settlement currency.',
    ['underlying', 'currency'],
    profits((row) => row.realised()),
  ),
  gauge(
    'volfilter_profit_unrealised',
    'Profit of what is held at theoretical value, settlement currency.',
    ['underlying', 'currency'],
    profits((row) => row.unrealised()),
  ),
  gauge(
    'volfilter_fees',
    'Fees paid, negative for rebates, settlement currency.',
    ['underlying', 'currency'],
    profits((row) => row.fees()),
  ),
  counter(
    'volfilter_traded_usd_total',
    'Value traded, USD by the index at each fill.',
    ['underlying', 'currency'],
    profits((row) => row.volumeUsd()),
  ),
];
