import type { Exchange } from '../../exchange/exchange.js';
import type { ExchangeSink } from '../../exchange/sink.js';

/** What an account holds of an instrument: the venue's amount unit, signed. */
export interface Holding {
  name: string;
  amount: number;
}

/** Holdings of one account, by its name as the keys have it. */
export interface AccountHoldings {
  account: string;
  holdings: readonly Holding[];
}

/**
 * Tells what accounts hold whenever that changes, so that a world that begins anew can begin with it. It is told behind the step that
 * changed it: a turn of the venue waits for nobody, and in the midst of a settlement nothing is true yet.
 */
export class HoldingsTeller implements Pick<ExchangeSink, 'positionChanged'> {
  readonly #exchange: Exchange;
  readonly #names: ReadonlyMap<number, string>;
  readonly #tell: (held: AccountHoldings) => void;
  /** Instruments whose amounts are to be told, by account. */
  readonly #changed = new Map<number, Set<number>>();

  /** @param names of the accounts that are told of */
  constructor(exchange: Exchange, names: ReadonlyMap<number, string>, tell: (held: AccountHoldings) => void) {
    this.#exchange = exchange;
    this.#names = names;
    this.#tell = tell;
  }

  positionChanged(account: number, instrument: number): void {
    if (!this.#names.has(account)) return;
    if (this.#changed.size === 0) setImmediate(() => this.#tellChanged());
    const instruments = this.#changed.get(account);
    if (instruments === undefined) this.#changed.set(account, new Set([instrument]));
    else instruments.add(instrument);
  }

  #tellChanged(): void {
    for (const [account, changed] of this.#changed) {
      const holdings = [...changed].map((instrument) => this.#holding(account, instrument));
      this.#tell({ account: this.#names.get(account)!, holdings });
    }
    this.#changed.clear();
  }

  #holding(account: number, instrument: number): Holding {
    const { positions, instruments } = this.#exchange;
    const record = positions.recordOf(account, instrument);
    const lots = record < 0 ? 0 : positions.lots[record]!;
    return { name: instruments.definitions[instrument]!.name, amount: instruments.amountOf(instrument, lots) };
  }
}
