/** Places in an event's `moment`. */
export const EVENT_SEQ = 0;
export const EVENT_TIME = 1;

/** The log event that a core actor is answering. Kept in an array: doubles in fields may be boxed. */
export class CurrentEvent {
  /** [`seq`, `time`], for use at every record: a double that a call returns is boxed unless the call is compiled into its caller. */
  readonly moment = new Float64Array(2);

  /** Log sequence number. */
  get seq(): number {
    return this.moment[EVENT_SEQ]!;
  }

  /** Event time, microseconds since the Unix epoch. A core actor knows no other clock. */
  get time(): number {
    return this.moment[EVENT_TIME]!;
  }

  /** For the runtime alone. */
  move(cells: Float64Array, seqAt: number, timeAt: number): void {
    this.moment[EVENT_SEQ] = cells[seqAt]!;
    this.moment[EVENT_TIME] = cells[timeAt]!;
  }
}
