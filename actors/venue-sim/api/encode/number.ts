const SCALE = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8] as const;

/** A number cut to some decimals, 0 to 8, as the venue does before it shows one; 0 for what is none. */
export function rounded(value: number, decimals: number): number {
  const scale = SCALE[decimals]!;
  const cut = Math.round(value * scale) / scale;
  // Also turns -0, which JSON would not show, and NaN into 0.
  return cut || 0;
}

/** A price, or null where there is none, as JSON. */
export function priceOrNull(value: number): string {
  return Number.isNaN(value) ? 'null' : String(value);
}
