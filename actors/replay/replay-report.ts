/** Where a replay first said something else than the journal. */
export interface Difference {
  seq: number;
  /** What differs, such as `approved order` or `digest of 'quoter'`. */
  what: string;
  /** Bytes of the record in the journal and in the replay; absent on the side that has none, and for digests. */
  recorded?: Uint8Array;
  replayed?: Uint8Array;
}

export interface ReplayReport {
  /** Log events that were replayed, and the position of the last. */
  events: number;
  lastPosition: number;
  /** Records of the last stage that were equal byte for byte, and digests of other stages' outputs that were equal. */
  orders: number;
  digests: number;
  /** Orders that a run approved so shortly before its end that the journal never had them. */
  unrecorded: number;
  /** Runs that were written with other message layouts than this program's: a difference in one may be the program's own, which has changed since. */
  otherLayouts: number[];
  first?: Difference;
}
