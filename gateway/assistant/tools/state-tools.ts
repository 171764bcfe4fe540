import { z } from 'zod';
import type { JsonRow } from '../../http/rows.js';
import { type Instrument, instrumentsOf, isoDay, rowOf, rowsOf, short } from './rows.js';
import { type Tool, ToolRefusal, type ToolWorld, tool } from './tool.js';

const underlying = z.string().max(12).optional().describe('such as BTC; all where absent');
const expiry = z.iso.date().optional().describe('day of expiry, UTC, such as 2026-03-27; all where absent');

/** What every result of the engine's state says: when, and where it is from. */
function seen(world: ToolWorld, pane: string, more: object): object {
  return { asOf: new Date(world.now()).toISOString(), pane, ...more };
}

/** Name of the underlying and day of the expiry of filter rows, by the option that stands for them. */
function named(instruments: readonly Instrument[], row: JsonRow): JsonRow {
  const of = instruments.find(({ id }) => id === row.option);
  return {
    name: of?.base ?? null,
    ...('expiryTime' in row ? { expiryDay: isoDay(Number(row.expiryTime)) } : {}),
    ...short(row),
  };
}

const contextTool = tool({
  name: 'get_context',
  description:
    'The panes on the screen of who asks, the selected one first, the selected instrument, and the time of the engine.',
  input: z.strictObject({}),
  run: (_, world, { screen, role }) => {
    const panes = [...screen.panes].sort((a, b) => Number(b.focused) - Number(a.focused));
    const selected =
      screen.instrument === undefined ? undefined : rowOf(world.topics, 'instruments', screen.instrument);
    return seen(world, 'HOME', { role, rows: panes, instrument: selected ?? null, epoch: world.epoch });
  },
});

const engineStateTool = tool({
  name: 'engine_state',
  description:
    'State of the engine, its threads, feeds, trading, credits and states of risk. state: 0 starting, 1 active, 2 reducing, 3 halted.',
  input: z.strictObject({}),
  run: (_, world) => {
    const parts = ['engine', 'threads', 'feed', 'trading', 'credits', 'risk-states'];
    return seen(world, 'HOME', {
      ...Object.fromEntries(parts.map((name) => [name, rowsOf(world.topics, name, 64).map(short)])),
    });
  },
});

const surfaceTool = tool({
  name: 'surface',
  description:
    'The volatility surface as the filter has it: each underlying (index, realised forecasts, implied 30 days, regime) and each expiry (forward, atmVol, skew, riskReversal25, butterfly25, nudges, shifts). Volatilities are annualised fractions, times microseconds since the Unix epoch.',
  input: z.strictObject({ underlying, expiry }),
  run: (input, world) => {
    const instruments = instrumentsOf(world.topics);
    const wanted = (row: JsonRow): boolean =>
      (input.underlying === undefined || row.name === input.underlying.toUpperCase()) &&
      (input.expiry === undefined || row.expiryDay === undefined || row.expiryDay === input.expiry);
    return seen(world, 'SURF', {
      underlyings: rowsOf(world.topics, 'underlyings')
        .map((row) => named(instruments, row))
        .filter(wanted),
      rows: rowsOf(world.topics, 'expiries')
        .map((row) => named(instruments, row))
        .filter(wanted),
    });
  },
});

const chainTool = tool({
  name: 'chain_slice',
  description:
    "A slice of an option chain: market's bid and ask, theoretical value, volatility and Greeks, our wanted quotes, by strike. Prices are in the venue's unit: coin for inverse options.",
  input: z.strictObject({
    underlying: z.string().max(12).describe('such as BTC'),
    expiry: z.iso.date().describe('day of expiry, UTC'),
    around: z.number().positive().optional().describe('strike in the middle of the slice'),
    strikes: z.number().int().min(1).max(40).default(11),
  }),
  run: (input, world) => {
    const options = instrumentsOf(world.topics).filter(
      (one) =>
        one.kind === 'option' && one.base === input.underlying.toUpperCase() && isoDay(one.expiry) === input.expiry,
    );
    if (options.length === 0)
      throw new ToolRefusal(`there are no options of ${input.underlying} that expire on ${input.expiry}: see surface`);
    const strikes = [...new Set(options.map(({ strike }) => strike))].sort((a, b) => a - b);
    const middle = input.around ?? strikes[strikes.length >> 1]!;
    const near = new Set(
      [...strikes].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle)).slice(0, input.strikes),
    );
    const quotes = new Map(rowsOf(world.topics, 'quotes').map((row) => [row.instrument, row]));
    const rows = options
      .filter(({ strike }) => near.has(strike))
      .sort((a, b) => a.strike - b.strike)
      .map(({ id, name, strike, right, inverse }) => {
        const top = rowOf(world.topics, 'tops', id);
        const theo = rowOf(world.topics, 'theos', id);
        const quote = quotes.get(id);
        return short({
          instrument: id,
          name,
          strike,
          right,
          unit: inverse ? 'coin' : 'USD',
          bid: top?.bidPrice ?? null,
          ask: top?.askPrice ?? null,
          theo: theo?.price ?? null,
          volatility: theo?.volatility ?? null,
          delta: theo?.delta ?? null,
          vega: theo?.vega ?? null,
          confidence: theo?.confidence ?? null,
          ourBid: quote?.bidPrice ?? null,
          ourAsk: quote?.askPrice ?? null,
        });
      });
    return seen(world, 'OMON', { rows });
  },
});

const positionTool = tool({
  name: 'position_risk',
  description:
    'What is held and what it risks: positions with Greeks, exposures and profit by underlying, worst cases, limits in force. vega in USD per 1.00 of volatility, theta in USD per year.',
  input: z.strictObject({ by: z.enum(['instrument', 'underlying', 'limits']).default('underlying') }),
  isPrivate: true,
  run: ({ by }, world) => {
    const { topics } = world;
    if (by === 'limits')
      return seen(world, 'LIM', {
        rows: rowsOf(topics, 'limits').map(short),
        states: rowsOf(topics, 'risk-states').map(short),
      });
    if (by === 'underlying')
      return seen(world, 'RISK', {
        exposures: rowsOf(topics, 'exposures').map(short),
        profits: rowsOf(topics, 'profits').map(short),
        worstCases: rowsOf(topics, 'worst-cases').map(short),
      });
    const names = new Map(instrumentsOf(topics).map(({ id, name }) => [id, name]));
    const rows = rowsOf(topics, 'positions')
      .filter(({ size }) => size !== 0)
      .map((row) => ({ name: names.get(Number(row.key)) ?? null, ...short(row) }));
    return seen(world, 'PORT', { rows });
  },
});

const fillsTool = tool({
  name: 'recent',
  description: 'The newest fills, refusals, anomalies or lines of the log, the newest first.',
  input: z.strictObject({
    what: z.enum(['fills', 'refusals', 'anomalies', 'log', 'logged-commands']),
    most: z.number().int().min(1).max(200).default(30),
  }),
  isPrivate: true,
  run: ({ what, most }, world) => {
    const pane = { fills: 'FILL', refusals: 'ORD', anomalies: 'ALRT', log: 'LOG', 'logged-commands': 'LOG' }[what];
    return seen(world, pane, { topic: what, rows: rowsOf(world.topics, what, most).map(short) });
  },
});

const latencyTool = tool({
  name: 'latency',
  description:
    'Waiting and service times of each actor since the start, nanoseconds, and how often an output held it up (gated).',
  input: z.strictObject({ actor: z.string().max(40).optional() }),
  run: ({ actor }, world) => {
    const rows = rowsOf(world.topics, 'latency').filter(({ text }) => actor === undefined || text === actor);
    return seen(world, 'LAT', { unit: 'ns', rows: rows.map(short) });
  },
});

const alertStates = ['', 'normal', 'pending', 'firing', 'no data', 'error'];

const alertsTool = tool({
  name: 'alerts',
  description: 'Rules of the alerts with their states, and the newest anomalies of the market.',
  input: z.strictObject({ firingOnly: z.boolean().default(false) }),
  run: ({ firingOnly }, world) => {
    const rows = rowsOf(world.topics, 'alerts')
      .filter(({ state }) => !firingOnly || state === 3)
      .map(({ text, ...row }) => {
        const [name = '', rule = ''] = String(text ?? '').split('\t');
        return { name, condition: rule, stateName: alertStates[Number(row.state)] ?? null, ...short(row) };
      });
    return seen(world, 'ALRT', { rows, anomalies: rowsOf(world.topics, 'anomalies', 20).map(short) });
  },
});

const whyTool = tool({
  name: 'why_quote',
  description:
    'Why we quote an instrument as we do: the parts of width and skew, theo and market that the quoter saw, what pulled a side, the order at work and its newest refusals. log position: theoSeq.',
  input: z.strictObject({
    instrument: z.number().int().min(0).describe('id of the instrument, as other tools give it'),
  }),
  isPrivate: true,
  run: ({ instrument }, world) => {
    const { topics } = world;
    const of = (name: string): JsonRow[] =>
      rowsOf(topics, name)
        .filter((row) => row.instrument === instrument)
        .map(short);
    const quotes = of('quotes');
    const orders = of('orders');
    if (quotes.length === 0 && orders.length === 0)
      throw new ToolRefusal(`nothing is wanted or at work in instrument ${instrument}: see chain_slice for ids`);
    return seen(world, 'QUOT', {
      name: String(rowOf(topics, 'instruments', instrument)?.text ?? '').split('\t')[0],
      rows: quotes,
      theo: rowOf(topics, 'theos', instrument) ?? null,
      top: rowOf(topics, 'tops', instrument) ?? null,
      orders,
      refusals: of('refusals').slice(0, 10),
    });
  },
});

export const stateTools: readonly Tool[] = [
  contextTool,
  engineStateTool,
  surfaceTool,
  chainTool,
  positionTool,
  fillsTool,
  latencyTool,
  alertsTool,
  whyTool,
];
