/** The core at one position of the log: where stages and sequencer go on. Plain data: it goes to every thread. */
export interface RestoredCore {
  /** The last log event that every stage has finished. */
  position: number;
  /** Event time of that event, microseconds since the Unix epoch: the sequencer's time does not go back behind it. */
  time: number;
  /** What each stage remembered, by its name: the whole block of its state. */
  states: ReadonlyMap<string, Uint8Array>;
}
