import { CreditPool, MmpState } from '../../../engine/market/orders/codes.js';
import { RpcRefusal } from '../../session/deribit/json-rpc.js';
import type { DeribitExecutionConfig, ProtectionSettings } from './config.js';
import { groupNameOf } from './encoder.js';
import type { InstrumentNames } from './instrument-names.js';
import { mmpConfigAnswer, summariesMessage } from './messages.js';
import type { OrderSessionEvents } from './order-session-events.js';
import type { ReportWriter } from './report-writer.js';

const LOOK_AGAIN_MS = 50;

const LIMITS = [
  'interval',
  'frozen_time',
  'quantity_limit',
  'delta_limit',
  'vega_limit',
  'max_quote_quantity',
] as const;

/** Protection in the venue's words; what has no limit is not named. */
function limitsOf(settings: ProtectionSettings): Partial<Record<(typeof LIMITS)[number], number>> {
  const { intervalSeconds, frozenSeconds, quantityLimit, deltaLimit, vegaLimit, maxQuoteQuantity } = settings;
  return {
    interval: intervalSeconds,
    frozen_time: frozenSeconds,
    quantity_limit: quantityLimit,
    max_quote_quantity: maxQuoteQuantity,
    ...(deltaLimit === undefined ? {} : { delta_limit: deltaLimit }),
    ...(vegaLimit === undefined ? {} : { vega_limit: vegaLimit }),
  };
}

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

  /**
   * True where every index is protected, and so may be quoted. What was armed before is looked at, since nobody heard what became of it
   * meanwhile, and armed anew only where it is gone or another's: that ends a freeze.
   */
  async armProtection(isCurrent: () => boolean): Promise<boolean> {
    let all = true;
    for (const settings of this.#config.protection) {
      const wasArmed = this.#armedIndices.has(settings.index);
      if (wasArmed && (!this.#isPrivate || (await this.#isStillArmed(settings)))) continue;
      // Its number is known with its first instrument.
      while (isCurrent() && this.#names.underlyingOf(settings.index) < 0) await this.#session.pause(LOOK_AGAIN_MS);
      if (!isCurrent()) return false;
      if (!this.#isPrivate) {
        // The account's first connection arms it.
        await this.#session.pause(LOOK_AGAIN_MS);
        continue;
      }
      if (wasArmed) this.#session.events.note('warn', `market maker protection of ${settings.index} is armed anew`);
      if (await this.#armIndex(settings)) this.#armedIndices.add(settings.index);
      else {
        this.#armedIndices.delete(settings.index);
        all = false;
      }
    }
    return all;
  }

  async #isStillArmed(settings: ProtectionSettings): Promise<boolean> {
    const { index } = settings;
    const wanted = limitsOf(settings);
    try {
      for (const group of [undefined, groupNameOf(index)]) {
        const asked = { index_name: index, ...(group === undefined ? {} : { mmp_group: group }) };
        const found = mmpConfigAnswer
          .parse(await this.#session.call('private/get_mmp_config', asked))
          .find(({ mmp_group }) => (mmp_group ?? undefined) === group);
        if (found === undefined || LIMITS.some((name) => (found[name] ?? 0) !== (wanted[name] ?? 0))) return false;
      }
      return true;
    } catch (error) {
      this.#session.events.note(
        'warn',
        `whether market maker protection of ${index} is armed is not known: ${(error as Error).message}`,
      );
      return false;
    }
  }

  async #armIndex(settings: ProtectionSettings): Promise<boolean> {
    const { index } = settings;
    const underlying = this.#names.underlyingOf(index);
    const limits = { index_name: index, ...limitsOf(settings) };
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
