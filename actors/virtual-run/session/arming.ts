import { CreditPool, MmpState } from '../../../engine/market/orders/codes.js';
import type { ProtectionSettings } from '../../execution/deribit/config.js';
import type { InstrumentNames } from '../../execution/deribit/instrument-names.js';
import type { ReportWriter } from '../../execution/deribit/report-writer.js';
import type { RateLimits } from '../../venue-sim/api/session/rate-limits.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';

export interface ArmingParts {
  exchange: Exchange;
  account: number;
  names: InstrumentNames;
  limits: RateLimits;
  protection: readonly ProtectionSettings[];
}

/** Credits of a request that is no order, by the venue's rule. */
const REQUEST_CREDITS = 500;

/** What execution does before it says that it is ready: market maker protection is set, once a start of the engine, and the venue's limits are told. */
export class Arming {
  readonly #parts: ArmingParts;
  readonly #armed = new Set<string>();

  constructor(parts: ArmingParts) {
    this.#parts = parts;
  }

  /** Underlyings are known with their first instruments. */
  get isPossible(): boolean {
    const { protection, names } = this.#parts;
    return protection.every(({ index }) => names.underlyingOf(index) >= 0);
  }

  /** Another start of the engine. */
  forget(): void {
    this.#armed.clear();
  }

  arm(writer: ReportWriter): void {
    for (const settings of this.#parts.protection) {
      if (this.#armed.has(settings.index)) continue;
      this.#protect(settings, writer);
      this.#armed.add(settings.index);
    }
    const { matching, requests, massQuotes, cancelAll } = this.#parts.limits;
    const rate = (
      { capacity, refillPerSecond }: RateLimits['matching'],
      cost = 1,
    ): { burst: number; rate: number } => ({
      burst: capacity / cost,
      rate: refillPerSecond / cost,
    });
    writer.rateLimit(CreditPool.MATCHING, rate(matching), false);
    writer.rateLimit(CreditPool.NON_MATCHING, rate(requests, REQUEST_CREDITS), false);
    writer.rateLimit(CreditPool.MASS_QUOTES, rate(massQuotes), false, massQuotes.refillPerSecond);
    writer.rateLimit(CreditPool.CANCEL_ALL, rate(cancelAll), false);
  }

  #protect(settings: ProtectionSettings, writer: ReportWriter): void {
    const { exchange, account, names } = this.#parts;
    const underlying = names.underlyingOf(settings.index);
    const index = exchange.config.indices.findIndex(({ name }) => name === settings.index);
    const allowed = {
      interval: settings.intervalSeconds * 1000,
      frozenTime: settings.frozenSeconds * 1000,
      quantityLimit: settings.quantityLimit,
      deltaLimit: settings.deltaLimit ?? 0,
      vegaLimit: settings.vegaLimit ?? 0,
      maxQuoteQuantity: settings.maxQuoteQuantity,
    };
    exchange.setProtection(account, index, 0, allowed);
    exchange.setProtection(account, index, underlying + 1, allowed);
    writer.protection(MmpState.ARMED, underlying + 1, underlying, 0, Number.NaN, settings);
  }
}
