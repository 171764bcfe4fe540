import { describe, expect, it } from 'vitest';
import { type Cells, memoryOf } from './cells.js';

const layoutOf = (create: (cells: Cells) => unknown): string => memoryOf(create).stateLayout;

describe('the layout of a memory', () => {
  const rows = (row: object) => layoutOf((cells) => cells.float64(20, 'touch', { ...row }));

  it('is the same for what is made alike', () => {
    expect(rows({ BID: 0, ASK: 1 })).toBe(rows({ BID: 0, ASK: 1 }));
  });

  it('is another when two fields of a row change places, though no byte is more or less', () => {
    expect(rows({ BID: 1, ASK: 0 })).not.toBe(rows({ BID: 0, ASK: 1 }));
  });

  it('is another when two reservations of one size change places', () => {
    const take = (...names: string[]) => layoutOf((cells) => names.map((name) => cells.float64(8, name)));
    expect(take('bids', 'asks')).not.toBe(take('asks', 'bids'));
  });

  it('is another when eight bytes are two whole numbers and no longer a double', () => {
    const double = memoryOf((cells) => cells.float64(1, 'time'));
    const words = memoryOf((cells) => cells.int32(2, 'time'));
    expect(words.stateBytes).toBe(double.stateBytes);
    expect(words.stateLayout).not.toBe(double.stateLayout);
  });
});
