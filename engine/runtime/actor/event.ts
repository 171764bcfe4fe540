const SEQ = 0;
const TIME = 1;

/** The log event that a core actor is answering. Kept in an array: doubles in fields may be boxed. */
export class CurrentEvent {
  private readonly cells = new Float64Array(2);

  /** Log sequence number. */
  get seq(): number {
    return this.cells[SEQ]!;
  }

  /** Event time, microseconds since the Unix epoch. A core actor knows no other clock. */
  get time(): number {
    return this.cells[TIME]!;
  }

  /** For the runtime alone. */
  move(cells: Float64Array, seqAt: number, timeAt: number): void {
    this.cells[SEQ] = cells[seqAt]!;
    this.cells[TIME] = cells[timeAt]!;
  }
}
