import {
  EVERY_GROUP,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  Scope,
  Strategy,
} from '../../engine/market/orders/codes.js';
import type { Outbox } from '../../engine/runtime/actor/outbox.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { MessageType } from '../../schemas/message-type.js';

/** Writes that no quote of the quoter is wanted any more, whatever it is of. */
export class PullWriter {
  private readonly out: Outbox;
  private readonly pulled = new QuotePull();

  constructor(out: Outbox) {
    this.out = out;
  }

  /** @param reason a `PullReason` */
  pullEverything(reason: number): void {
    const { out } = this;
    const pulled = this.pulled.__init(out.emit(MessageType.QUOTE_PULL, QuotePull.sizeOf()), out.buffer);
    pulled.mutate_scope(Scope.EVERYTHING);
    pulled.mutate_instrument(NO_INSTRUMENT);
    pulled.mutate_underlying(NO_UNDERLYING);
    pulled.mutate_strategy(Strategy.QUOTER);
    pulled.mutate_group(EVERY_GROUP);
    pulled.mutate_reason(reason);
    pulled.mutate_quoteSet(NO_QUOTE_SET);
    pulled.mutate_minDelta(Number.NaN);
    pulled.mutate_maxDelta(Number.NaN);
  }
}
