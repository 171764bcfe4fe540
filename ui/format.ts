// Numbers as people read them. What is not known is '-', never 0 and never an old number.

const NONE = '-';

/** Decimals that show a price of this size to about five figures. */
export function price(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1) return value.toFixed(4);
  if (size < 100) return value.toFixed(2);
  return size < 10_000 ? value.toFixed(1) : value.toFixed(0);
}

/** A price with the decimals of its tick, so that neighbours differ; as `price` where no tick is known. */
export function tickPrice(value: number, tick: number | undefined): string {
  if (tick === undefined || !(tick > 0) || !Number.isFinite(value)) return price(value);
  return value.toFixed(Math.min(8, Math.max(0, Math.ceil(-Math.log10(tick) - 1e-9))));
}

export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : NONE;
}

/** With its sign, also a plus. */
export function signed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return NONE;
  const text = value.toFixed(decimals);
  // What rounds to nothing has no sign.
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text;
}

/** A volatility or a share: a fraction, shown in per cent. */
export function percent(value: number, decimals = 1): string {
  return fixed(value * 100, decimals);
}

/** A volatility where 0 means that there is none. */
export function vol(value: number, decimals = 1): string {
  return value > 0 ? percent(value, decimals) : NONE;
}

/** Kept: to make one for each number would cost more than all else about it. */
const grouped = new Intl.NumberFormat('en-US');

export function whole(value: number): string {
  return Number.isFinite(value) ? grouped.format(Math.round(value) || 0) : NONE;
}

export function signedWhole(value: number): string {
  return Math.round(value) > 0 ? `+${whole(value)}` : whole(value);
}

/** Time of day by the engine's clock. @param micros microseconds since the Unix epoch */
export function clock(micros: number, withMillis = false): string {
  if (!(micros > 0) || !Number.isFinite(micros)) return NONE;
  return new Date(micros / 1000).toISOString().slice(11, withMillis ? 23 : 19);
}

/** A stretch of time. @param seconds */
export function age(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  if (seconds < 0.95) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 99.5) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 5940) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** A latency. @param nanoseconds */
export function nanos(nanoseconds: number): string {
  if (!Number.isFinite(nanoseconds)) return NONE;
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} us`;
  return nanoseconds < 1e9 ? `${(nanoseconds / 1e6).toFixed(1)} ms` : `${(nanoseconds / 1e9).toFixed(1)} s`;
}
