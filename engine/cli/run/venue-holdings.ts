import type { CoreSettings } from '../../../actors/core-settings.js';
import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { expectedPositions } from '../../../actors/orders/expected-positions.js';
import { ordersConfig } from '../../../actors/orders/orders-config.js';
import type { Holding } from '../../../actors/venue-sim/api/server/holdings.js';
import type { RestoredCore } from '../../runtime/host/restored-core.js';
import type { FeedSource } from './feed-source.js';

/** What a restored core takes its account to hold, by the venue's names. */
function holdingsOf(
  { states }: RestoredCore,
  { instruments, trading }: CoreSettings,
  definitions: DefinitionMemory,
): Holding[] {
  const config = ordersConfig(instruments, trading.credits, trading.needsMmp);
  const expected = expectedPositions(config, states.get('orders')!);
  const holdings: Holding[] = [];
  definitions.read(0, (id, { name }) => {
    const amount = expected.get(id);
    if (amount !== undefined) holdings.push({ name, amount });
  });
  return holdings;
}

/**
 * A simulated venue begins anew with each start: it is given what the account held, or positions would differ from the venue's ever after, and
 * nothing that adds risk would be sent.
 */
export async function holdAgain(
  { hold, market }: FeedSource,
  restored: RestoredCore,
  core: CoreSettings,
  note: (level: 'info' | 'warn', text: string) => void,
): Promise<void> {
  if (hold === undefined || market === undefined) return;
  const holdings = holdingsOf(restored, core, market.definitions);
  if (holdings.length === 0) return;
  const unlisted = await hold(holdings);
  const held = holdings.length - unlisted.length;
  note(
    'info',
    `the simulated venue begins anew: the account is given the ${held} positions that it held, at their marks`,
  );
  if (unlisted.length > 0) note('warn', `it does not list what the account held too: ${unlisted.join(', ')}`);
}
