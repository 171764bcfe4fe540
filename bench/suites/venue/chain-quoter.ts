import type { ChainFollower } from './chain-follower.js';

/** Quotes of one request. */
const AT_ONCE = 50;
const GROUP = 'bench';
const INDICES = ['btc_usd', 'eth_usd'] as const;
/** How far from its mark an option is quoted, so that hardly anything trades: parts of the mark. */
const BELOW = 0.85;
const ABOVE = 1.2;

interface Listed {
  instrument_name: string;
  kind: string;
  tick_size: number;
  tick_size_steps: { above_price: number; tick_size: number }[];
  min_trade_amount: number;
}

interface Summary {
  instrument_name: string;
  mark_price: number;
}

/** Quotes every option that is listed, both sides, and moves them by and by: as a market maker does. */
export class ChainQuoter {
  readonly #follower: ChainFollower;
  readonly #options: { listed: Listed; mark: number }[] = [];
  #next = 0;
  #round = 0;
  #id = 0;

  constructor(follower: ChainFollower) {
    this.#follower = follower;
  }

  /** Arms protection and quotes everything; how many options. */
  async begin(): Promise<number> {
    const follower = this.#follower;
    await follower.ask('private/enable_cancel_on_disconnect', {});
    for (const index_name of INDICES) {
      const limits = { interval: 1, frozen_time: 1, quantity_limit: 1e6, max_quote_quantity: 1e6 };
      await follower.ask('private/set_mmp_config', { index_name, mmp_group: `${GROUP}-${index_name}`, ...limits });
    }
    for (const currency of ['BTC', 'ETH']) {
      const listed = (await follower.ask('public/get_instruments', { currency, kind: 'option' })) as Listed[];
      const summaries = (await follower.ask('public/get_book_summary_by_currency', {
        currency,
        kind: 'option',
      })) as Summary[];
      const marks = new Map(summaries.map(({ instrument_name, mark_price }) => [instrument_name, mark_price]));
      for (const one of listed) this.#options.push({ listed: one, mark: marks.get(one.instrument_name) ?? 0 });
    }
    for (let at = 0; at < this.#options.length; at += AT_ONCE) await this.requote();
    return this.#options.length;
  }

  /** Moves the quotes of some options, of each in turn. */
  async requote(): Promise<void> {
    const some = this.#options.slice(this.#next, this.#next + AT_ONCE);
    this.#next += AT_ONCE;
    if (this.#next >= this.#options.length) {
      this.#next = 0;
      this.#round++;
    }
    for (const index_name of INDICES) {
      const base = index_name.slice(0, 3).toUpperCase();
      const own = some.filter(({ listed }) => listed.instrument_name.startsWith(`${base}-`));
      if (own.length === 0) continue;
      await this.#follower.ask('private/mass_quote', {
        quote_id: String(++this.#id),
        mmp_group: `${GROUP}-${index_name}`,
        quotes: own.map((one) => this.#quote(one.listed, one.mark)),
      });
    }
  }

  #quote(listed: Listed, mark: number): object {
    const { instrument_name, min_trade_amount: amount } = listed;
    const shift = this.#round % 2;
    const bidTick = tickAt(listed, BELOW * mark);
    const askTick = tickAt(listed, ABOVE * mark);
    const bid = Math.floor((BELOW * mark) / bidTick) - shift;
    const ask = Math.ceil((ABOVE * mark) / askTick) + 2 + shift;
    return {
      instrument_name,
      quote_set_id: '1',
      ...(bid > 0 ? { bid: { price: rounded(bid * bidTick), amount } } : {}),
      ask: { price: rounded(ask * askTick), amount },
    };
  }
}

function tickAt({ tick_size, tick_size_steps: steps }: Listed, price: number): number {
  return steps.reduce((tick, { above_price, tick_size: from }) => (price >= above_price ? from : tick), tick_size);
}

function rounded(price: number): number {
  return Math.round(price * 1e6) / 1e6;
}
