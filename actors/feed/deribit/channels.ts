import { type Instrument, InstrumentKind } from '../../../engine/market/instrument.js';

/** How often the venue sends a channel: every change needs a session that is signed on. */
export type ChannelInterval = 'raw' | '100ms' | 'agg2';

/** Where the venue says that it is locked, or under maintenance. */
export const PLATFORM_CHANNEL = 'platform_state';

/** The channels of the instruments that are followed, with those of their indices and their life cycles. */
export function channelsOf(
  followed: readonly Instrument[],
  withBooks: readonly Instrument[],
  interval: ChannelInterval,
): string[] {
  const channels = new Set<string>([PLATFORM_CHANNEL]);
  for (const { name } of withBooks) channels.add(`book.${name}.${interval}`);
  // Where the whole book is not followed, its best prices are.
  const booked = new Set(withBooks);
  for (const instrument of followed) if (!booked.has(instrument)) channels.add(`quote.${instrument.name}`);
  for (const { name, priceIndex, baseCurrency, kind } of followed) {
    channels.add(`ticker.${name}.${interval}`);
    channels.add(`trades.${name}.${interval}`);
    channels.add(`deribit_price_index.${priceIndex}`);
    if (kind === InstrumentKind.OPTION) {
      channels.add(`deribit_volatility_index.${priceIndex}`);
      channels.add(`instrument.state.option.${baseCurrency}`);
    } else if (kind !== InstrumentKind.SPOT) channels.add(`instrument.state.future.${baseCurrency}`);
  }
  return [...channels];
}
