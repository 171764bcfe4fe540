/** Writes a number into a record. One NaN only, as everywhere in records: they are hashed. */
export function put(view: DataView, offset: number, value: number): void {
  if (!Number.isNaN(value)) view.setFloat64(offset, value, true);
  else {
    view.setInt32(offset, 0, true);
    view.setInt32(offset + 4, 0x7ff80000, true);
  }
}
