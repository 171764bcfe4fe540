import type { OutsideRow } from '../../../schemas/generated/outside-row.js';
import { OUTSIDE_STATES, type OutsideStatus } from './outside-status.js';

/** Writes a status into the row by which people see it. */
export function fillOutsideRow(row: OutsideRow, key: number, status: OutsideStatus): void {
  row.mutate_call(key);
  row.mutate_state(OUTSIDE_STATES.indexOf(status.state));
  row.mutate_calls(status.calls);
  row.mutate_succeeded(status.succeeded);
  row.mutate_failed(status.failed);
  row.mutate_refused(status.refused);
  row.mutate_retried(status.retried);
}
