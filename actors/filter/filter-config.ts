/** How realised volatility is forecast: the log-HAR, the two-factor Kalman filter, both combined in logs, or a plain moving average. */
export type VolModel = 'combination' | 'log-har' | 'two-factor' | 'ewma';

export interface FilterConfig {
  /** Instruments that there is room for. */
  instruments: number;
  /** Underlyings that there is room for: options on one coin, of one venue, in one currency. */
  underlyings: number;
  /** Expiries that there is room for, of all underlyings together; those that are over keep their place. */
  expiries: number;
  /** Options of one expiry that there is room for. */
  optionsPerExpiry: number;
  /** Forecast of realised volatility. */
  model: VolModel;
  /** Change of a theoretical price that is worth telling, in ticks of the instrument. */
  publishTicks: number;
  /** Change of a theoretical volatility that is worth telling, a fraction. */
  publishVol: number;
  /** Longest time between two fits of the surface, seconds. */
  refitSeconds: number;
  /** Move of the index since the last fit that asks for another, a log return. */
  refitMove: number;
  /** Mean square of standardised residuals of quotes at which the surface is fitted anew. */
  refitResidual: number;
  /** Age of the index, or of what the forward rests on, at which values are stale, seconds. */
  staleIndexSeconds: number;
  /** Time without any quote of an expiry after which it is stale, seconds. */
  staleQuoteSeconds: number;
  /** Age of the fit in force at which values are stale, seconds. */
  staleFitSeconds: number;
  /** Move of a forward from one observation to the next that is not believed at once, a log return. */
  forwardJump: number;
  /** Observations that must agree before a jump of the forward is believed. */
  jumpConfirmations: number;
  /** Microseconds between two looks at ages, bars and schedules. */
  pulseMicros: number;
  /** Pulses between two reports of the state of an expiry that nothing has happened to. */
  pulsesPerReport: number;
  /** Whether tickers and best prices hold our own orders, as a venue's do: they are left out. Left out: no. */
  ownInMarket?: boolean;
}

/** What is right for a venue's chain of a coin or two. */
export function filterConfig(instruments: number, changes: Partial<FilterConfig> = {}): FilterConfig {
  return {
    instruments,
    underlyings: 4,
    expiries: Math.min(96, instruments),
    optionsPerExpiry: Math.min(320, instruments),
    model: 'combination',
    publishTicks: 0.25,
    publishVol: 2e-4,
    refitSeconds: 30,
    refitMove: 0.01,
    refitResidual: 4,
    staleIndexSeconds: 10,
    staleQuoteSeconds: 60,
    staleFitSeconds: 900,
    forwardJump: 0.15,
    jumpConfirmations: 3,
    pulseMicros: 250_000,
    pulsesPerReport: 4,
    ...changes,
  };
}
