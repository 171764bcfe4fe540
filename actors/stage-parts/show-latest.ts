import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';

/** Shows people a record that was just written, under a key of one of the edges that the stage shows. In a replay there are none, and nothing is shown. */
export function showLatest(
  { out, shown }: CoreContext<unknown>,
  edge: number,
  key: number,
  type: number,
  body: number,
  bytes: number,
): void {
  const latest = shown[edge];
  if (latest === undefined) return;
  copyBody(out.buffer, body, latest.buffer, latest.claim(key, type, bytes) + HEADER_BYTES, bytes);
  latest.publish(key);
}
