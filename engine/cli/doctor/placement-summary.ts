import { OPTION_TRADING } from '../../../actors/core-settings.js';
import { type EngineSettings, syntheticSettings, topology } from '../../../actors/topology.js';
import { autoPlacement } from '../../runtime/topology/placement.js';
import { SPIN, SPIN_THEN_SLEEP, type WaitPolicy } from '../../runtime/wait/wait-ladder.js';

/** The stages and threads of `volfilter run`; what they are fed with changes no place. */
function quotingEngine(): EngineSettings {
  const { core, ...rest } = syntheticSettings(1, 1, 1);
  return { ...rest, core: { ...core, trading: OPTION_TRADING, quoting: {}, hedging: {} } };
}

/** What `volfilter run` would place where on this machine, a line a thread. */
export function autoPlacementSummary(): string[] {
  const placement = autoPlacement(topology(quotingEngine()));
  const lines = placement.threads.map(({ name, kind, cpu, wait, actors }) => {
    const where = cpu === undefined ? 'any CPU' : `CPU ${cpu}`;
    const waits = kind === 'io' ? 'sleeps in epoll' : waitingInWords(wait);
    return `${name} (${kind}, ${where}, ${waits}): ${actors.join(', ')}`;
  });
  const housekeeping = placement.housekeepingCpu;
  return [...lines, `main thread, killer, gateway: ${housekeeping === undefined ? 'any CPU' : `CPU ${housekeeping}`}`];
}

function waitingInWords(wait: WaitPolicy | undefined): string {
  if (wait === SPIN) return 'spins';
  return wait === SPIN_THEN_SLEEP ? 'spins, sleeps' : 'spins, yields, sleeps';
}
