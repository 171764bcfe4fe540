export type EdgeName = 'stream' | 'broadcast' | 'latest';

/** What one thread of a fuzz run is told. */
export interface FuzzTask {
  edge: EdgeName;
  role: 'write' | 'read';
  memory: SharedArrayBuffer;
  control: SharedArrayBuffer;
  messages: number;
  maxBodyBytes: number;
  /** Keys of a Latest; message n belongs to key n modulo this. */
  keys: number;
  seed: number;
  /** Whether the threads stall at random. */
  stalls: boolean;
}

/** Words that the threads of a run share besides the edge. */
export const Control = { READY: 0, WRITER_ENDED: 1, RECEIVED: 2, IDLE: 3 } as const;

/** What the reading thread found. */
export interface ReaderFindings {
  received: number;
  /** Records of which some byte was not what it must be. */
  torn: number;
  /** Records that came again or after a later one. */
  disorder: number;
  /** Sequence numbers that were passed over (of a Latest without a meaning). */
  missing: number;
  /** The last sequence number, of a Latest that of each key. */
  last: number[];
  lapped: number;
  lostRecords: number;
  conflated: number;
}
