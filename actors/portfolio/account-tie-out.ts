import { PROFIT, PROFIT_FIELDS } from '../../engine/market/portfolio/profit-book.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { type PortfolioMemory, SCALAR } from './portfolio-memory.js';
import type { PortfolioWriter } from './portfolio-writer.js';

/** Our count of each currency's money beside the account's equity, at each reconciliation; each day of the venue for itself. */
export class AccountTieOut {
  private readonly context: CoreContext<unknown>;
  private readonly memory: PortfolioMemory;
  private readonly writer: PortfolioWriter;
  private readonly account = new AccountReport();

  constructor(context: CoreContext<unknown>, memory: PortfolioMemory, writer: PortfolioWriter) {
    this.context = context;
    this.memory = memory;
    this.writer = writer;
  }

  onAccount(buffer: ViewBuffer, body: number): void {
    const { account } = this;
    const { tieOut, book, scalars } = this.memory;
    account.__init(body, buffer);
    if (account.reconcile() === 0 || scalars[SCALAR.OPENED] === 0) return;
    const currency = account.currency()!;
    const word0 = currency.word0() | 0;
    const word1 = currency.word1() | 0;
    const place = tieOut.placeOf(word0, word1);
    if (place < 0) return;
    book.markProfits();
    const { look } = tieOut;
    look.fill(0);
    look[0] = account.equity();
    for (let underlying = 0; underlying < book.underlyings.size; underlying++) {
      if (book.currencies[underlying * 2] !== word0 || book.currencies[underlying * 2 + 1] !== word1) continue;
      const row = underlying * PROFIT_FIELDS;
      book.profits.total(underlying);
      look[1]! += book.profits.totals[1]!;
      look[2]! += book.profits.cells[row + PROFIT.FEES]!;
      look[3]! += book.profits.cells[row + PROFIT.FUNDING]!;
      look[4]! += book.profits.cells[row + PROFIT.REALISED]!;
    }
    look[5] = Math.abs(account.optionsValue()) + Math.abs(account.deltaTotal());
    look[6] = this.context.event.time;
    const state = tieOut.compare(place);
    this.writer.tellTieOut(tieOut, place, state, account.reconcile());
    if (state === TieState.DAY_TIES || state === TieState.DAY_DIFFERS) tieOut.begin(place);
  }
}
