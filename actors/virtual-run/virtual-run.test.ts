import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import { MessageType } from '../../schemas/message-type.js';
import { OPTION_TRADING } from '../core.js';
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
});
