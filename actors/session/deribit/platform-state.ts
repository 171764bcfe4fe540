import { z } from 'zod';
import { PLATFORM_CHANNEL } from '../../feed/deribit/channels.js';

/** What the venue says of itself on its platform channel. */
export interface PlatformState {
  /** Whether trading is stopped. */
  isLocked: boolean;
  /** The index whose instruments this is about; the whole venue where there is none. */
  priceIndex: string | undefined;
}

const notification = z.object({
  params: z.object({
    channel: z.literal(PLATFORM_CHANNEL),
    data: z.object({
      locked: z.boolean().optional(),
      maintenance: z.boolean().optional(),
      price_index: z.string().optional(),
    }),
  }),
});

/** The state in a message; undefined where it is of another kind, or says nothing about trading. */
export function readPlatformState(message: unknown): PlatformState | undefined {
  const parsed = notification.safeParse(message);
  if (!parsed.success) return undefined;
  const { locked, maintenance, price_index: priceIndex } = parsed.data.params.data;
  const isLocked = locked ?? maintenance;
  return isLocked === undefined ? undefined : { isLocked, priceIndex };
}
