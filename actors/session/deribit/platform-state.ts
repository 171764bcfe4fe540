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

/** Which indices of a venue are locked. */
export interface VenueStatus {
  isLocked: boolean;
  /** Where not the whole venue is locked: these indices are. */
  lockedIndices: readonly string[];
}

const statusAnswer = z.object({
  locked: z.enum(['true', 'false', 'partial']),
  locked_indices: z.array(z.string()).optional(),
});

/** The answer to `public/status`. @throws ZodError where it is of another kind */
export function readVenueStatus(answer: unknown): VenueStatus {
  const { locked, locked_indices: indices = [] } = statusAnswer.parse(answer);
  return { isLocked: locked === 'true', lockedIndices: locked === 'partial' ? indices : [] };
}
