import { expect, it } from 'vitest';
import { FrameKind, FrameSource, kindOf, serverFrame } from './frames.js';

interface Message {
  params: {
    channel: string;
    data: {
      type: string;
      timestamp: number;
      prev_change_id?: number;
      change_id: number;
      bids: [string, number, number][];
      asks: [string, number, number][];
    };
  };
}

const NOW = 1_800_000_000_000;
const set = () => ({
  options: [
    { name: 'A', changeId: 7, bid: 0.05, step: 0.0005, amount: 1, ticker: '{"timestamp":1,"a":2}' },
    { name: 'B', changeId: 9, bid: 0.01, step: 0, amount: 1, ticker: '{"timestamp":1,"b":2}' },
  ],
  underlyings: [{ name: 'P', changeId: 100, mid: 60_000, tick: 0.5, amount: 10 }],
  reports: ['r0', 'r1'],
});

it('two of a hundred frames move an underlying, 78 are of an option, 20 tell of the account', () => {
  const counts = [0, 0, 0];
  for (let number = 0; number < 1000; number++) counts[kindOf(number)]!++;
  expect(counts).toEqual([780, 20, 200]);
});

it('every change of a book follows the one before, and what was added is taken away again', () => {
  const source = new FrameSource(set());
  let last = 7;
  const levels = new Set<number>();
  for (let turn = 0; turn < 40; turn++) {
    const text = source.next(FrameKind.OPTION, NOW + turn);
    if (!text.includes('book.A')) continue;
    const { data } = (JSON.parse(text) as Message).params;
    expect(data.prev_change_id).toBe(last);
    expect(data.timestamp).toBe(NOW + turn);
    last = data.change_id;
    const [action, price] = data.bids[0]!;
    expect(levels.has(price)).toBe(action === 'delete');
    if (action === 'delete') levels.delete(price);
    else levels.add(price);
  }
  expect(last).toBeGreaterThan(15);
});

it('an underlying moves to and fro, and what jumps comes whole, so that nothing behind is crossed', () => {
  const source = new FrameSource(set());
  const [whole] = source.snapshots(NOW).map((text) => (JSON.parse(text) as Message).params.data);
  expect(whole!.change_id).toBe(101);
  const bids = [FrameKind.UNDERLYING, FrameKind.UNDERLYING].map(
    (kind) => (JSON.parse(source.next(kind, NOW)) as Message).params.data.bids,
  );
  expect(bids[0]!.map(([action, price]) => [action, price])).toEqual([
    ['delete', 59_999.5],
    ['new', 60_017.5],
  ]);
  expect(bids[1]!.at(-1)!.slice(0, 2)).toEqual(['new', 59_999.5]);
  const jumped = (JSON.parse(source.next(FrameKind.JUMP, NOW)) as Message).params.data;
  expect(jumped.type).toBe('snapshot');
  expect(jumped.change_id).toBe(104);
  expect(jumped.bids[0]![1]).toBeGreaterThan(1.15 * 60_000);
});

it('a frame of a server has its length before its text, in two bytes where one does not hold it', () => {
  expect([...serverFrame('ab')]).toEqual([0x81, 2, 97, 98]);
  const long = serverFrame('x'.repeat(300));
  expect([...long.subarray(0, 4)]).toEqual([0x81, 126, 1, 44]);
  expect(long.length).toBe(304);
});
