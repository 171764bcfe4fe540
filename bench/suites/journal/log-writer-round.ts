import type { SideSetup } from '../../rig/side.js';

/** Bytes of a record's body. */
export const BODY_BYTES = 64;

export interface LogWriterSetup extends SideSetup {
  log: SharedArrayBuffer;
  /** Of the recorder's thread, where there is one. */
  doorbells?: SharedArrayBuffer;
}

/** So many records, evenly spaced. */
export interface LogWriterRound {
  count: number;
  perSecond: number;
}
