import { TradingPair } from '../processes/trading-pair.js';
import type { Proof } from '../proof.js';

/** Longest time of trading before a kill. */
const MOST_TRADING_MS = 3000;
/** A reconciliation on the timer may be needed, once a minute. */
const SETTLES_WITHIN_MS = 90_000;

/** The engine's process killed while it quotes and trades, again and again, on a venue that is a process of its own. */
export const proof: Proof = {
  name: 'kills',
  claim:
    'an engine that is killed by SIGKILL while it quotes leaves nothing open, and the next one, from the journal and a reconciliation, has the orders and positions of the venue',
  unit: 'kills',
  amounts: { ci: 2, full: 200 },
  async run(amount, progress) {
    const pair = new TradingPair(1);
    try {
      await pair.start();
      for (let kill = 1; kill <= amount; kill++) {
        await pair.trade(300 + pair.dice.throw() * MOST_TRADING_MS);
        await pair.kill();
        await pair.startEngine();
        await pair.settle(SETTLES_WITHIN_MS);
        progress(kill);
      }
      const fills = (await pair.venue.positions()).size;
      await pair.finish();
      const gone = pair.gone.sort((left, right) => left - right);
      return [
        {
          name: 'differences after reconciliation',
          unit: 'differences',
          value: 0,
          note: `${pair.taken} orders against the engine's, ${fills} positions at the end, ${pair.halts} halts`,
        },
        {
          name: 'from the kill to the last quote gone',
          unit: 'ms',
          p50: gone[gone.length >> 1]!,
          max: gone[gone.length - 1]!,
          note: 'as seen by asking the venue again and again',
        },
      ];
    } finally {
      await pair.close();
    }
  },
};
