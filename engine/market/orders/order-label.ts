/** An order's identity: the run that decided on it, the log event that it was decided on, its place among the orders of that event. */
export interface OrderIdentity {
  run: number;
  orderSeq: number;
  index: number;
}

const LABEL = /^vf-([0-9a-z]{1,7})-([0-9a-z]{1,11})-([0-9a-z]{1,6})$/;

/** The text by which the venue knows an order of ours: `vf-<run>-<seq>-<index>`, numbers in base 36; at most 29 bytes. */
export function orderLabel(run: number, orderSeq: number, index: number): string {
  return `vf-${run.toString(36)}-${orderSeq.toString(36)}-${index.toString(36)}`;
}

/** The identity that a label tells; undefined where the order is not one of ours. */
export function parseOrderLabel(label: string): OrderIdentity | undefined {
  const [, run, seq, index] = LABEL.exec(label) ?? [];
  if (run === undefined || seq === undefined || index === undefined) return undefined;
  const identity = {
    run: Number.parseInt(run, 36),
    orderSeq: Number.parseInt(seq, 36),
    index: Number.parseInt(index, 36),
  };
  // One spelling for one order: what we would not write is not ours.
  return orderLabel(identity.run, identity.orderSeq, identity.index) === label &&
    identity.orderSeq <= Number.MAX_SAFE_INTEGER
    ? identity
    : undefined;
}
