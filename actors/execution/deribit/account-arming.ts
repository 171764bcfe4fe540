import { CreditPool, MmpState } from '../../../engine/market/orders/codes.js';
import { RpcRefusal } from '../../session/deribit/json-rpc.js';
import type { DeribitExecutionConfig, ProtectionSettings } from './config.js';
import { groupNameOf } from './encoder.js';
import type { InstrumentNames } from './instrument-names.js';
import { summariesMessage } from './messages.js';
import type { OrderSessionEvents } from './order-session-events.js';
import type { ReportWriter } from './report-writer.js';

const LOOK_AGAIN_MS = 50;

/** The session that arms. */
export interface ArmingSession {
  call(method: string, params: Record<string, unknown>): Promise<unknown>;
  pause(ms: number): Promise<void>;
  /** What is reported next came by this session, now. */
  receive(): void;
  events: OrderSessionEvents;
}

interface ArmingOptions {
  config: DeribitExecutionConfig;
  /** Whether it is this connection that arms the account. */
  isPrivate: boolean;
  names: InstrumentNames;
  reports: ReportWriter;
  armedIndices: Set<string>;
}

/** What an account has to have before it may quote: market maker protection of every index; and what it may ask for. */
export class AccountArming {
  readonly #session: ArmingSession;
  readonly #config: DeribitExecutionConfig;
  readonly #isPrivate: boolean;
  readonly #names: InstrumentNames;
  readonly #reports: ReportWriter;
  readonly #armedIndices: Set<string>;

  constructor(session: ArmingSession, { config, isPrivate, names, reports, armedIndices }: ArmingOptions) {
    this.#session = session;
    this.#config = config;
    this.#isPrivate = isPrivate;
    this.#names = names;
    this.#reports = reports;
    this.#armedIndices = armedIndices;
  }

  /** True where every index is protected, and so may be quoted. */
  async armProtection(isCurrent: () => boolean): Promise<boolean> {
    let all = true;
    for (const settings of this.#config.protection) {
      if (this.#armedIndices.has(settings.index)) continue;
      // Its number is known with its first instrument.
      while (isCurrent() && this.#names.underlyingOf(settings.index) < 0) await this.#session.pause(LOOK_AGAIN_MS);
      if (!isCurrent()) return false;
      if (!this.#isPrivate) {
        // The account's first connection arms it.
        await this.#session.pause(LOOK_AGAIN_MS);
        continue;
      }
      if (await this.#armIndex(settings)) this.#armedIndices.add(settings.index);
      else all = false;
    }
    return all;
  }

  async #armIndex(settings: ProtectionSettings): Promise<boolean> {
    const { index, intervalSeconds, frozenSeconds, quantityLimit, deltaLimit, vegaLimit, maxQuoteQuantity } = settings;
    const underlying = this.#names.underlyingOf(index);
    const limits = {
      index_name: index,
      interval: intervalSeconds,
      frozen_time: frozenSeconds,
      quantity_limit: quantityLimit,
      max_quote_quantity: maxQuoteQuantity,
      ...(deltaLimit === undefined ? {} : { delta_limit: deltaLimit }),
      ...(vegaLimit === undefined ? {} : { vega_limit: vegaLimit }),
    };
    try {
      // Once for single orders, once for the group of the quotes.
      await this.#session.call('private/set_mmp_config', limits);
      await this.#session.call('private/set_mmp_config', { ...limits, mmp_group: groupNameOf(index) });
    } catch (error) {
      const code = error instanceof RpcRefusal ? error.code : 0;
      this.#session.receive();
      this.#reports.protection(MmpState.FAILED, underlying + 1, underlying, code, Number.NaN, settings);
      this.#session.events.reported();
      this.#session.events.note(
        'error',
        `market maker protection of ${index} cannot be armed: ${(error as Error).message}`,
      );
      return false;
    }
    this.#session.receive();
    this.#reports.protection(MmpState.ARMED, underlying + 1, underlying, 0, Number.NaN, settings);
    this.#session.events.reported();
    return true;
  }

  /** What the account may ask for: the venue knows better than any table. */
  async readLimits(): Promise<void> {
    try {
      const answer = summariesMessage.parse(
        await this.#session.call('private/get_account_summaries', { extended: true }),
      );
      const limits = answer.summaries.find((summary) => summary.limits !== undefined)?.limits;
      if (limits === undefined) return;
      const perCurrency = limits.limits_per_currency === true;
      const matching = limits.matching_engine;
      const pools = [
        [CreditPool.MATCHING, matching?.trading?.total],
        [CreditPool.NON_MATCHING, limits.non_matching_engine],
        [CreditPool.QUOTES, matching?.quotes],
        [CreditPool.MASS_QUOTES, matching?.max_quotes],
        [CreditPool.CANCEL_ALL, matching?.cancel_all],
      ] as const;
      this.#session.receive();
      for (const [pool, rate] of pools) {
        if (rate === undefined) continue;
        const guaranteed = pool === CreditPool.MASS_QUOTES ? matching?.guaranteed_quotes?.rate : undefined;
        this.#reports.rateLimit(pool, rate, perCurrency, guaranteed);
      }
      this.#session.events.reported();
    } catch (error) {
      this.#session.events.note('warn', `the account's limits cannot be read: ${(error as Error).message}`);
    }
  }
}
