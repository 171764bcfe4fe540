/**
 * Ids of orders and trades begin with their currency, except BTC's: `ETH-349249`.
 * @param era of a world that comes after others, so that no id is one of theirs: `ETH-1767312000123-349249`; 0 for none
 */
export function idText(currency: string, id: number, era: number): string {
  const text = era === 0 ? String(id) : `${era}-${id}`;
  return currency === 'BTC' ? text : `${currency}-${text}`;
}

/** The number of an id; NaN where it is none, or one of another era. */
export function idNumber(text: string, era: number): number {
  const parts = text.split('-');
  const digits = parts.pop()!;
  if (era !== 0 && parts.pop() !== String(era)) return Number.NaN;
  return /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
}
