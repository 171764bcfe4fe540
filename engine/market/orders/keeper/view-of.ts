import type { ViewBuffer } from '../../../../schemas/view-buffer.js';

/** The view that a record's accessors read: ids of the venue are copied from it word by word. */
export function viewOf(report: { bb: unknown }): DataView {
  return (report.bb as ViewBuffer).view;
}
