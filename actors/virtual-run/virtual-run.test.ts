import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { MessageType } from '../../schemas/message-type.js';
import { BookState } from '../book/book.js';
import { OPTION_TRADING } from '../core-settings.js';
import { tops } from '../streams.js';
import { WORLD, type WorldParameters } from '../venue-sim/world/parameters.js';
import { VirtualRun } from './virtual-run.js';

const SMALL: WorldParameters = { ...WORLD, strikes: 8, currencies: [WORLD.currencies[0]!] };
const CORE = { instruments: 256, bookDepth: 5, trading: OPTION_TRADING };

/** A hash over every event of a run's log, and how many of each type there were. */
function digested(seed: number, seconds: number): { digest: string; counts: Map<number, number>; run: VirtualRun } {
  const run = new VirtualRun({ seed, world: SMALL, core: CORE });
  const hash = createHash('sha256');
  const counts = new Map<number, number>();
  run.log.onEvent = (type, buffer, offset) => {
    counts.set(type, (counts.get(type) ?? 0) + 1);
    const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
    hash.update(new Uint8Array(buffer.view.buffer, buffer.view.byteOffset + offset, length));
  };
  run.advance(seconds);
  return { digest: hash.digest('hex'), counts, run };
}

describe('the engine and the venue in virtual time', () => {
  it('quote the chain, and give the same log to the byte for the same seed', () => {
    const first = digested(1, 20);
    expect(first.counts.get(MessageType.SURFACE_FIT)).toBeGreaterThan(0);
    expect(first.counts.get(MessageType.REQUEST_REPORT)).toBeGreaterThan(10);
    expect(first.run.session.messages.open().length).toBeGreaterThan(10);
    expect(digested(1, 20).digest).toBe(first.digest);
    expect(digested(2, 20).digest).not.toBe(first.digest);
  });

  it('have a book again soon whose levels were used up: a stale one would be quoted and hedged on no more', () => {
    const run = new VirtualRun({ seed: 1, world: SMALL, core: CORE });
    const top = new BookTop();
    const staleSince = new Map<number, number>();
    let longest = 0;
    let renewed = 0;
    run.hear(tops, (type, buffer, offset) => {
      if (type !== MessageType.BOOK_TOP) return;
      top.__init(offset + HEADER_BYTES, buffer);
      const since = staleSince.get(top.instrument());
      if (top.state() === BookState.STALE) staleSince.set(top.instrument(), since ?? run.now);
      else if (since !== undefined) {
        staleSince.delete(top.instrument());
        longest = Math.max(longest, run.now - since);
        renewed++;
      }
    });
    run.advance(60);
    expect(renewed).toBeGreaterThan(5);
    expect(longest).toBeLessThan(1000);
    expect([...staleSince.values()].filter((since) => run.now - since > 1000)).toEqual([]);
  });
});
