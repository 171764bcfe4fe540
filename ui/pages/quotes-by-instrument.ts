import type { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import type { Table } from '../store/table.js';

/** Own quotes by instrument: their own key is the place of (instrument, quote set). The last set told counts. */
export class QuotesByInstrument {
  private readonly table: Table<DesiredQuote>;
  private readonly slots = new Map<number, number>();
  private count = -1;

  constructor(table: Table<DesiredQuote>) {
    this.table = table;
  }

  refresh(): void {
    if (this.count === this.table.count) return;
    this.count = this.table.count;
    this.slots.clear();
    for (let slot = 0; slot < this.table.count; slot++) this.slots.set(this.table.at(slot).instrument(), slot);
  }

  row(instrument: number): DesiredQuote | undefined {
    const slot = this.slots.get(instrument);
    return slot === undefined ? undefined : this.table.at(slot);
  }
}
