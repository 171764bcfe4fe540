import { z } from 'zod';
import { black76Greeks, GREEK, GREEK_COUNT } from '../../../engine/quant/black76/index.js';
import { type Instrument, instrumentsOf, rowOf, rowsOf, short } from './rows.js';
import { type Tool, ToolRefusal, type ToolWorld, tool } from './tool.js';

const MICROSECONDS_PER_YEAR = 365 * 86_400e6;

/** What an option is priced from. */
interface Inputs {
  /** USD. */
  forward: number;
  strike: number;
  years: number;
  /** Annualised, a fraction. */
  volatility: number;
  isCall: boolean;
}

/** Price and Greeks in USD of one option, by the engine's own Black-76. */
function priced({ forward, strike, years, volatility, isCall }: Inputs): Record<string, number> {
  const out = new Float64Array(GREEK_COUNT);
  black76Greeks(out, forward, strike, years, volatility, isCall);
  return {
    price: out[0]!,
    delta: out[GREEK.delta]!,
    gamma: out[GREEK.gamma]!,
    vega: out[GREEK.vega]!,
    theta: out[GREEK.theta]!,
  };
}

/** Inputs of an instrument as they are now; undefined where the filter has no forward or value for it. */
function inputsOf(world: ToolWorld, one: Instrument, expiries: ReturnType<typeof rowsOf>): Inputs | undefined {
  if (one.kind !== 'option') return undefined;
  const all = instrumentsOf(world.topics);
  const slice = expiries.find(
    (row) => row.expiryTime === one.expiry && all.find(({ id }) => id === row.option)?.base === one.base,
  );
  const theo = rowOf(world.topics, 'theos', one.id);
  const forward = Number(slice?.forward ?? Number.NaN);
  const years = Number(slice?.years ?? (one.expiry - world.now() * 1000) / MICROSECONDS_PER_YEAR);
  const volatility = Number(theo?.volatility ?? Number.NaN);
  if (!(forward > 0) || !(volatility > 0) || !(years >= 0)) return undefined;
  return { forward, strike: one.strike, years, volatility, isCall: one.right === 'C' };
}

const shifts = {
  forwardPercent: z.number().min(-90).max(500).default(0).describe('move of the forward, percent'),
  volatilityPoints: z.number().min(-300).max(300).default(0).describe('move of volatility, points: 1 is 0.01'),
  daysLater: z.number().min(0).max(3650).default(0),
};

function moved(inputs: Inputs, by: { forwardPercent: number; volatilityPoints: number; daysLater: number }): Inputs {
  return {
    ...inputs,
    forward: inputs.forward * (1 + by.forwardPercent / 100),
    volatility: Math.max(0.001, inputs.volatility + by.volatilityPoints / 100),
    years: Math.max(0, inputs.years - by.daysLater / 365),
  };
}

const whatIfTool = tool({
  name: 'price_whatif',
  description:
    'Prices legs of options now and after a move, by the pricer of the engine, in USD with Greeks. A leg is an instrument of the chain, or free inputs.',
  input: z.strictObject({
    legs: z
      .array(
        z.strictObject({
          amount: z.number().default(1).describe('signed'),
          instrument: z.number().int().min(0).optional(),
          forward: z.number().positive().optional(),
          strike: z.number().positive().optional(),
          years: z.number().min(0).optional(),
          volatility: z.number().positive().optional().describe('annualised, a fraction'),
          right: z.enum(['C', 'P']).optional(),
        }),
      )
      .min(1)
      .max(16),
    ...shifts,
  }),
  run: ({ legs, ...by }, world) => {
    const all = instrumentsOf(world.topics);
    const expiries = rowsOf(world.topics, 'expiries');
    let before = 0;
    let after = 0;
    const rows = legs.map(({ amount, instrument, forward, strike, years, volatility, right }, leg) => {
      const one = instrument === undefined ? undefined : all.find(({ id }) => id === instrument);
      const known = one === undefined ? undefined : inputsOf(world, one, expiries);
      const inputs: Inputs = {
        forward: forward ?? known?.forward ?? Number.NaN,
        strike: strike ?? known?.strike ?? Number.NaN,
        years: years ?? known?.years ?? Number.NaN,
        volatility: volatility ?? known?.volatility ?? Number.NaN,
        isCall: right === undefined ? (known?.isCall ?? true) : right === 'C',
      };
      const missing = (['forward', 'strike', 'years', 'volatility'] as const).filter((name) =>
        Number.isNaN(inputs[name]),
      );
      if (missing.length > 0)
        throw new ToolRefusal(
          `leg ${leg + 1}: ${missing.join(', ')} not given and not known of ${instrument ?? 'no instrument'}`,
        );
      const now = priced(inputs);
      const then = priced(moved(inputs, by));
      before += amount * now.price!;
      after += amount * then.price!;
      return { name: one?.name ?? null, amount, ...inputs, now: short(now), moved: short(then) };
    });
    return {
      asOf: new Date(world.now()).toISOString(),
      pane: 'OVME',
      unit: 'USD',
      ...short({ before, after, change: after - before }),
      rows,
    };
  },
});

const scenarioTool = tool({
  name: 'scenario',
  description:
    'Profit of all option positions, futures and perpetuals of an underlying over a grid of moves, repriced in full by the pricer of the engine, USD.',
  input: z.strictObject({
    underlying: z.string().max(12),
    forwardPercents: z.array(z.number().min(-90).max(500)).min(1).max(11).default([-10, -5, -2, 0, 2, 5, 10]),
    volatilityPoints: z.array(z.number().min(-300).max(300)).min(1).max(7).default([-5, 0, 5]),
    daysLater: shifts.daysLater,
  }),
  isPrivate: true,
  run: ({ underlying, forwardPercents, volatilityPoints, daysLater }, world) => {
    const all = new Map(instrumentsOf(world.topics).map((one) => [one.id, one]));
    const expiries = rowsOf(world.topics, 'expiries');
    const left: string[] = [];
    const held = rowsOf(world.topics, 'positions').flatMap((row) => {
      const one = all.get(Number(row.key));
      const size = Number(row.size ?? 0);
      if (one === undefined || one.base !== underlying.toUpperCase() || size === 0) return [];
      const inputs = inputsOf(world, one, expiries);
      if (one.kind === 'option' && inputs === undefined) {
        left.push(one.name);
        return [];
      }
      return [{ size, inputs, delta: Number(row.delta ?? 0), mark: Number(row.mark ?? 0) }];
    });
    const rows = forwardPercents.flatMap((forwardPercent) =>
      volatilityPoints.map((points) => {
        const profit = held.reduce((sum, { size, inputs, delta, mark }) => {
          // Futures move with the forward: their delta is in units of the underlying.
          if (inputs === undefined) return sum + (delta * mark * forwardPercent) / 100;
          const by = { forwardPercent, volatilityPoints: points, daysLater };
          return sum + size * (priced(moved(inputs, by)).price! - priced(inputs).price!);
        }, 0);
        return short({ forwardPercent, volatilityPoints: points, profitUsd: profit });
      }),
    );
    return {
      asOf: new Date(world.now()).toISOString(),
      pane: 'SCEN',
      unit: 'USD',
      positions: held.length,
      leftOut: left,
      daysLater,
      rows,
    };
  },
});

export const pricingTools: readonly Tool[] = [whatIfTool, scenarioTool];
