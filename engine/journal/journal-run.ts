/** One start of the engine, as the journal keeps it. */
export interface JournalRun {
  /** Number of the start: grows with each, never used twice. Client order ids begin with it. */
  run: number;
  /** The first log event that this start stamps. */
  firstSeq: number;
  /** Whether the core went on where the log ended, or began anew. */
  restored: boolean;
  /** Microseconds since the Unix epoch. */
  startedMicros: number;
  /** Version of the program. */
  version: string;
  /** Fingerprint of the schemas: which layouts the stages' memories hold. */
  schemas: string;
  /** What the core is made from beside the log: plain data without secrets. */
  core: unknown;
}
