/** More than a world gives in a millisecond of its life, so that one that begins later begins above all ids of those before. */
const IDS_PER_MILLISECOND = 100;

/**
 * Ids of orders and trades begin with their currency, except BTC's: `ETH-349249`. They are numbers of at most fifteen digits, as the venue's are: clients read them as such.
 * @param era when its world began, milliseconds since the Unix epoch, where it comes after others, so that no id is one of theirs; 0 for none
 */
export function idText(currency: string, id: number, era: number): string {
  const text = String(era * IDS_PER_MILLISECOND + id);
  return currency === 'BTC' ? text : `${currency}-${text}`;
}

/** The number of an id in an era; NaN where it is none, or one of an earlier era. */
export function idNumber(text: string, era: number): number {
  const digits = text.split('-').pop()!;
  const id = /^\d{1,15}$/.test(digits) ? Number(digits) - era * IDS_PER_MILLISECOND : 0;
  return id > 0 ? id : Number.NaN;
}
