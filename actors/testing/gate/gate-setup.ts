/** Shared cells of the gate test. */
export const GateCell = { TICK: 0, LAST_ORDER: 1, ORDERS: 2, CANCELS: 3, STOP: 4, READY: 5 } as const;

export interface GateSetup {
  board: SharedArrayBuffer;
  cells: Int32Array;
}

export const gatePlan = { threads: ['writer'], actors: ['execution'] };
