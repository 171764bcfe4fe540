import { DelayLine } from './delay-line.js';

/** What is asked of the exchange: to quote, to pull a quote, to take, and to take what has waited for the speed bump. */
export const Request = { QUOTE: 1, PULL: 2, TAKE: 3, TAKE_NOW: 4 } as const;

/** Cells of a request. */
export const Asked = { TIME: 0, KIND: 1, SIDE: 2, TICKS: 3, LOTS: 4 } as const;

/** Requests on their way to the exchange. */
export class RequestLine extends DelayLine {
  constructor() {
    super(5);
  }

  /** @param arrives microseconds, or right behind the request before it */
  send(arrives: number, kind: number, side: number, ticks: number, lots: number): void {
    const { cells } = this;
    const before = this.isEmpty ? arrives : cells[this.back]!;
    const row = this.add();
    cells[row + Asked.TIME] = Math.max(before, arrives);
    cells[row + Asked.KIND] = kind;
    cells[row + Asked.SIDE] = side;
    cells[row + Asked.TICKS] = ticks;
    cells[row + Asked.LOTS] = lots;
  }
}
