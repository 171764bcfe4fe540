/** What a thread knows of one kind of call to the world outside, as plain data. */
export interface OutsideStatus {
  readonly name: string;
  /** Closed: calls are made. Open: they failed again and again, and none is made for a while. Trying: one is made to see. */
  state: 'closed' | 'trying' | 'open';
  /** Calls that were asked for, and what became of them: all but those under way are in one of the other three. */
  calls: number;
  succeeded: number;
  failed: number;
  /** Not made: it is left alone, or too many were under way. */
  refused: number;
  /** Attempts beside the first of each call. */
  retried: number;
}

export const OUTSIDE_STATES = ['closed', 'trying', 'open'] as const;

const known = new Map<string, OutsideStatus>();

/** The status of a kind of call in this thread, which begins with the first that asks for it. */
export function outsideStatus(name: string): OutsideStatus {
  let status = known.get(name);
  if (status === undefined) {
    status = { name, state: 'closed', calls: 0, succeeded: 0, failed: 0, refused: 0, retried: 0 };
    known.set(name, status);
  }
  return status;
}

/** Those of this thread, in the order in which they began. */
export function outsideStatuses(): OutsideStatus[] {
  return [...known.values()];
}
