/** Ids of orders and trades begin with their currency, except BTC's: `ETH-349249`. */
export function idText(currency: string, id: number): string {
  return currency === 'BTC' ? String(id) : `${currency}-${id}`;
}

/** The number of an id; NaN where it is none. */
export function idNumber(text: string): number {
  const digits = text.slice(text.lastIndexOf('-') + 1);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
}
