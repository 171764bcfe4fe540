import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DUE_OFFSET, FRAME_BYTES, frameReader, NUMBER_OFFSET } from './frame.js';

it('frames come out whole and in order, wherever the stream is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 3 * FRAME_BYTES }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), cuts, (frames, sizes) => {
      const bytes = Buffer.alloc(frames * FRAME_BYTES);
      for (let frame = 0; frame < frames; frame++) {
        bytes.writeDoubleLE(frame, frame * FRAME_BYTES + NUMBER_OFFSET);
        bytes.writeDoubleLE(frame / 2, frame * FRAME_BYTES + DUE_OFFSET);
      }
      const seen: number[][] = [];
      const read = frameReader((frame) =>
        seen.push([frame.getFloat64(NUMBER_OFFSET, true), frame.getFloat64(DUE_OFFSET, true)]),
      );
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const size = sizes[cut % sizes.length]!;
        read(bytes.subarray(at, at + size));
        at += size;
      }
      expect(seen).toEqual(Array.from({ length: frames }, (_, frame) => [frame, frame / 2]));
    }),
  );
});
