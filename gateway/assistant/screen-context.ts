import { z } from 'zod';

/** What the terminal shows while a question is asked. Only codes and numbers of fixed forms: no text from outside gets in here. */
export const screenContext = z.strictObject({
  panes: z
    .array(
      z.strictObject({
        page: z.string().regex(/^[A-Z]{1,8}$/),
        underlying: z
          .string()
          .regex(/^[A-Z0-9_]{1,12}$/)
          .optional(),
        /** Microseconds since the Unix epoch. */
        expiry: z.number().min(0).optional(),
        strike: z.number().min(0).optional(),
        right: z.enum(['C', 'P']).optional(),
        focused: z.boolean().default(false),
      }),
    )
    .max(16)
    .default([]),
  /** Instrument that is selected. */
  instrument: z.number().int().min(0).max(0xffffffff).optional(),
  /** Milliseconds since the Unix epoch, by the clock of the screen. */
  at: z.number().min(0).optional(),
});
export type ScreenContext = z.output<typeof screenContext>;

/** The screen in words, as they stand behind the question. */
export function screenText({ panes, instrument }: ScreenContext, nowMs: number): string {
  const shown = panes.map(({ page, underlying, expiry, strike, right, focused }) =>
    [
      underlying,
      expiry === undefined ? undefined : new Date(expiry / 1000).toISOString().slice(0, 10),
      strike,
      right,
      page,
      focused ? '(selected)' : undefined,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  const selected = instrument === undefined ? '' : ` Selected instrument: ${instrument}.`;
  return `Screen at ${new Date(nowMs).toISOString()}: ${shown.join('; ') || 'no panes'}.${selected}`;
}
