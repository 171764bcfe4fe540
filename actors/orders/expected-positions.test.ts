import { expect, it } from 'vitest';
import { OPTION_TRADING } from '../core-settings.js';
import { smallChainRun } from '../testing/trading/small-chain-run.js';
import { machineSecrets } from '../venue-sim/api/server/secrets.js';
import { createSimulation } from '../venue-sim/api/server/simulation.js';
import { imbalances } from '../venue-sim/exchange/testing/audit.js';
import { expectedPositions } from './expected-positions.js';
import { ordersConfig } from './orders-config.js';

const KEY = { clientId: 'maker', clientSecret: 'secret', account: 'maker' };

it('a core tells what its account held, and a simulated venue that begins anew gives it that, so that both agree', () => {
  const run = smallChainRun(5);
  while (run.positions().length < 2) run.advance(5);
  const truth = run.positions();
  const state = run.log.snapshot().states.get('orders')!;
  const expected = expectedPositions(ordersConfig(192, OPTION_TRADING.credits, true), state);
  expect([...expected].sort(([left], [right]) => left - right)).toEqual(
    truth.map(({ instrument, size }) => [instrument, size]),
  );

  const settings = { seed: 5, strikes: 4, keys: [KEY] };
  const { hold, world } = createSimulation(settings, machineSecrets, () => run.now * 1000);
  const { exchange } = world;
  const traded = exchange.trades.last;
  const gone = { name: 'BTC-1JAN20-1000-C', amount: 3 };
  const holdings = truth.map(({ name, size: amount }) => ({ name, amount }));
  expect(hold('maker', [...holdings, gone])).toEqual([gone.name]);
  const account = exchange.accounts.size - 1;
  const held = truth.map(({ name }) => {
    const instrument = exchange.instruments.idOf(name);
    const record = exchange.positions.recordOf(account, instrument);
    return { name, amount: exchange.instruments.amountOf(instrument, exchange.positions.lots[record]!) };
  });
  expect(held).toEqual(holdings);
  expect(imbalances(exchange)).toEqual([]);
  // Nobody has traded: an engine that asks for its fills must not be told of any.
  expect(exchange.trades.last).toBe(traded);
  run.log.core.close();
});
