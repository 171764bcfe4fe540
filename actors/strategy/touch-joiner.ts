import type { Cells } from '../../engine/market/orders/cells.js';
import { OrderFlag } from '../../engine/market/orders/codes.js';
import type { CoreActor } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { log, tops } from '../streams.js';
import { defineStrategy, type StrategyContext } from './strategy.js';

type Names = 'leastSpread' | 'amount';

/** What was wanted last, an instrument: [bid, offer]; 0 for nothing. */
function lastWanted(cells: Cells, instruments: number): Float64Array {
  return cells.float64(2 * instruments, 'wanted last: bid, offer');
}

/** The example of a strategy: joins both sides of the touch wherever the spread is wide enough, and leaves where it is not. */
class TouchJoiner implements CoreActor {
  private readonly top = new BookTop();
  private readonly last: Float64Array;

  constructor(private readonly context: StrategyContext<Names>) {
    this.last = lastWanted(context.state, context.instruments);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type !== MessageType.BOOK_TOP) return;
    const { top, last, context } = this;
    const { parameters, wanted } = context;
    top.__init(offset + HEADER_BYTES, buffer);
    const id = top.instrument();
    if (id >= context.instruments) return;
    const mid = (top.bidPrice() + top.askPrice()) / 2;
    const isWide = top.state() === BookState.LIVE && top.askPrice() - top.bidPrice() >= parameters.leastSpread * mid;
    const bid = isWide ? top.bidPrice() : 0;
    const ask = isWide ? top.askPrice() : 0;
    if (bid === last[2 * id] && ask === last[2 * id + 1]) return;
    last[2 * id] = bid;
    last[2 * id + 1] = ask;
    const amount = isWide ? parameters.amount : 0;
    wanted.quote.set([bid, amount, ask, amount, mid]);
    wanted.tell(id, OrderFlag.POST_ONLY, 0);
  }
}

export const touchJoiner = defineStrategy<Names>({
  name: 'touch-joiner',
  number: 16,
  reads: [log, tops],
  parameters: {
    leastSpread: { least: 0, most: 1, usual: 0.02, meaning: 'part of the mid' },
    amount: { least: 0, most: 1000, usual: 1, meaning: "the venue's amount unit" },
  },
  quotesAtOnce: 1,
  memory: lastWanted,
  create: (context) => new TouchJoiner(context),
});
