import { describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { isToldBefore, PEERS } from './nonces.js';
import { RecordRoutes } from './record-routes.js';

const buffer = new ViewBuffer(new ArrayBuffer(256));

describe('routes of records', () => {
  it('hand each type to its taker, with the place behind the header', () => {
    const taken: [string, number][] = [];
    const routes = new RecordRoutes([
      [7, (_buffer, body) => taken.push(['seven', body])],
      [3, (_buffer, body) => taken.push(['three', body])],
    ]);
    routes.deliver(3, buffer, 8);
    routes.deliver(7, buffer, 16);
    expect(taken).toEqual([
      ['three', 8 + HEADER_BYTES],
      ['seven', 16 + HEADER_BYTES],
    ]);
  });

  it('hand over nothing of a type that nobody takes, within the table and beyond it', () => {
    let taken = 0;
    const routes = new RecordRoutes([[7, () => taken++]]);
    for (const type of [0, 3, 8, 65_535]) routes.deliver(type, buffer, 0);
    expect(taken).toBe(0);
  });
});

describe('a command', () => {
  it('that is told twice, or after a newer one, counts once; another peer has numbers of its own', () => {
    const nonces = new Float64Array(PEERS);
    expect(isToldBefore(nonces, 2, 5)).toBe(false);
    expect(isToldBefore(nonces, 2, 5)).toBe(true);
    expect(isToldBefore(nonces, 2, 4)).toBe(true);
    expect(isToldBefore(nonces, 3, 4)).toBe(false);
    expect(isToldBefore(nonces, 2, 6)).toBe(false);
  });
});
