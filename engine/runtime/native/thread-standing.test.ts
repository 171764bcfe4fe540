import { describe, expect, it } from 'vitest';
import { libc } from './libc.js';
import { threadStanding } from './thread-standing.js';

describe.skipIf(process.platform !== 'linux')('the standing of a thread', () => {
  it('of one that runs: it wants a CPU, and has had one', () => {
    const me = libc()?.threadId() ?? process.pid;
    const before = threadStanding(process.pid, me)!;
    for (const end = performance.now() + 30; performance.now() < end; );
    const after = threadStanding(process.pid, me)!;
    expect(after.wantsCpu).toBe(true);
    expect(after.ranMs).toBeGreaterThan(before.ranMs);
  });

  it('of one that is not there', () => {
    expect(threadStanding(process.pid, 2 ** 30)).toBeUndefined();
  });
});
