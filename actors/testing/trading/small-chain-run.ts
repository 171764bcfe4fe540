import { OPTION_TRADING } from '../../core-settings.js';
import { MARKET_MAKER_LIMITS } from '../../venue-sim/api/session/rate-limits.js';
import { WORLD, type WorldParameters } from '../../venue-sim/world/parameters.js';
import { VirtualRun } from '../../virtual-run/virtual-run.js';

const SMALL: WorldParameters = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };

/** A virtual run that quotes and hedges one underlying with few strikes, as quick as one that gets fills can be. @param startTime milliseconds since the Unix epoch */
export function smallChainRun(seed: number, startTime = SMALL.startTime): VirtualRun {
  return new VirtualRun({
    seed,
    world: { ...SMALL, startTime },
    core: {
      instruments: 192,
      bookDepth: 64,
      trading: { ...OPTION_TRADING, needsMmp: true },
      quoting: {},
      hedging: {},
    },
    limits: MARKET_MAKER_LIMITS,
  });
}
