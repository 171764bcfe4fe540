import { type BenchReport, type BenchSuite, describeMachine } from './report.js';

/** Every suite of `volfilter bench`, loaded only when it runs: peers are development dependencies. */
const suites: Record<string, () => Promise<{ suite: BenchSuite }>> = {
  alerts: () => import('./suites/alerts.js'),
  answering: () => import('./suites/assistant/answering.js'),
  assistant: () => import('./suites/assistant/suite.js'),
  backtest: () => import('./suites/backtest.js'),
  book: () => import('./suites/book.js'),
  chain: () => import('./suites/chain/suite.js'),
  codec: () => import('./suites/codec/suite.js'),
  decode: () => import('./suites/decode.js'),
  filter: () => import('./suites/filter.js'),
  gateway: () => import('./suites/gateway/suite.js'),
  history: () => import('./suites/history.js'),
  isolation: () => import('./suites/gateway/isolation.js'),
  hop: () => import('./suites/hop/suite.js'),
  journal: () => import('./suites/journal/suite.js'),
  metrics: () => import('./suites/metrics.js'),
  observed: () => import('./suites/observed.js'),
  oms: () => import('./suites/oms.js'),
  'tick-to-quote': () => import('./suites/tick-to-quote/suite.js'),
  placement: () => import('./suites/placement/suite.js'),
  quant: () => import('./suites/quant.js'),
  recovery: () => import('./suites/recovery.js'),
  replay: () => import('./suites/replay.js'),
  ring: () => import('./suites/ring/suite.js'),
  risk: () => import('./suites/risk/suite.js'),
  start: () => import('./suites/start.js'),
  store: () => import('./suites/store.js'),
  terminal: () => import('./suites/terminal/suite.js'),
  venue: () => import('./suites/venue/suite.js'),
  wake: () => import('./suites/wake/suite.js'),
  websocket: () => import('./suites/websocket/suite.js'),
};

export function suiteNames(): string[] {
  return Object.keys(suites);
}

export async function runSuite(name: string, progress: (line: string) => void): Promise<BenchReport> {
  const load = suites[name];
  if (load === undefined) throw new Error(`no benchmark is called '${name}'`);
  const machine = describeMachine();
  const { suite } = await load();
  return { suite: name, machine, results: await suite(progress) };
}
