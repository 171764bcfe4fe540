import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';

describe('in steady state a message allocates nothing', () => {
  it.each([
    ['on a Stream: claimed, published, stamped, polled and merged', 'StreamLoad'],
    ['on a Broadcast: claimed, published, read, by a lapped reader too', 'BroadcastLoad'],
    ['on a Latest: claimed, published, read', 'LatestLoad'],
    ['in a command file: claimed, published, checked, copied', 'CommandLoad'],
  ])('%s', (_name, load) => {
    const bytes = bytesPerCall({
      module: 'engine/testing/edge-load.js',
      setup: `const load = new ${load}();`,
      call: 'sink += load.turn(i);',
    });
    expect(bytes).toBeLessThan(1);
  });
});
