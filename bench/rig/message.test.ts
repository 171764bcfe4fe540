import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import {
  BODY_BYTES,
  checkSum,
  expectedSum,
  fillMessage,
  MESSAGE_WORDS,
  readMessage,
  sumMessage,
  writeMessage,
} from './message.js';

const first = fc.integer({ min: 0, max: 1e9 });
const count = fc.integer({ min: 1, max: 50 });

describe('the message of the benchmarks', () => {
  it('is the same bytes for the ring and for its peers', () => {
    fc.assert(
      fc.property(first, (number) => {
        const memory = new ArrayBuffer(HEADER_BYTES + BODY_BYTES);
        writeMessage(new ViewBuffer(memory), 0, number);
        const doubles = new Float64Array(MESSAGE_WORDS);
        fillMessage(doubles, 0, number);
        expect(new Float64Array(memory)).toEqual(doubles);
        expect(readMessage(new ViewBuffer(memory), 0, number)).toBe(sumMessage(doubles, 0, number));
      }),
    );
  });

  it('sums up to what the check expects when every number comes once, in order', () => {
    fc.assert(
      fc.property(first, count, (from, many) => {
        const doubles = new Float64Array(MESSAGE_WORDS);
        let sum = 0;
        for (let number = from; number < from + many; number++) {
          fillMessage(doubles, 0, number);
          sum += sumMessage(doubles, 0, number);
        }
        expect(sum).toBe(expectedSum(from, many));
        expect(() => checkSum('test', sum, from, many)).not.toThrow();
      }),
    );
  });

  it('out of order or torn fails the check', () => {
    const doubles = new Float64Array(MESSAGE_WORDS);
    fillMessage(doubles, 0, 7);
    expect(() => checkSum('test', sumMessage(doubles, 0, 8), 8, 1)).toThrow(/expected the sum/);
    doubles[MESSAGE_WORDS - 1] = 0;
    expect(() => checkSum('test', sumMessage(doubles, 0, 7), 7, 1)).toThrow(/expected the sum/);
  });
});
