import { z } from 'zod';

/** What the venue says of an order, as far as it concerns us. Fields that it leaves out at times are optional. */
export const orderMessage = z.object({
  order_id: z.string(),
  order_state: z.string(),
  instrument_name: z.string(),
  direction: z.enum(['buy', 'sell']),
  // Not a number for a trigger order that waits: "market_price".
  price: z.union([z.number(), z.string()]).optional(),
  amount: z.number(),
  filled_amount: z.number().optional(),
  average_price: z.number().nullish(),
  label: z.string().optional(),
  post_only: z.boolean().optional(),
  reduce_only: z.boolean().optional(),
  mmp: z.boolean().optional(),
  mmp_cancelled: z.boolean().optional(),
  replaced: z.boolean().optional(),
  is_liquidation: z.boolean().optional(),
  advanced: z.string().optional(),
  quote: z.boolean().optional(),
  mmp_group: z.string().optional(),
  quote_set_id: z.string().optional(),
  quote_id: z.string().optional(),
  cancel_reason: z.string().optional(),
  time_in_force: z.string().optional(),
  creation_timestamp: z.number().optional(),
  last_update_timestamp: z.number().optional(),
});
export type OrderMessage = z.infer<typeof orderMessage>;

const tradeMessage = z.object({
  trade_id: z.string(),
  order_id: z.string(),
  instrument_name: z.string(),
  direction: z.enum(['buy', 'sell']),
  price: z.number(),
  amount: z.number(),
  timestamp: z.number(),
  trade_seq: z.number().optional(),
  fee: z.number().optional(),
  fee_currency: z.string().optional(),
  liquidity: z.string().optional(),
  label: z.string().optional(),
  profit_loss: z.number().nullish(),
  mark_price: z.number().optional(),
  index_price: z.number().optional(),
  underlying_price: z.number().nullish(),
  iv: z.number().nullish(),
  mmp: z.boolean().optional(),
  quote_set_id: z.string().optional(),
  liquidation: z.string().optional(),
  block_trade_id: z.string().nullish(),
  combo_id: z.string().nullish(),
});
export type TradeMessage = z.infer<typeof tradeMessage>;

export const positionMessage = z.object({
  instrument_name: z.string(),
  size: z.number(),
  size_currency: z.number().nullish(),
  direction: z.string().optional(),
  average_price: z.number().optional(),
  mark_price: z.number().optional(),
  floating_profit_loss: z.number().optional(),
  realized_profit_loss: z.number().optional(),
  realized_funding: z.number().nullish(),
  delta: z.number().optional(),
  initial_margin: z.number().optional(),
  maintenance_margin: z.number().optional(),
  settlement_price: z.number().nullish(),
});
export type PositionMessage = z.infer<typeof positionMessage>;

const amount = z.number().nullish();

export const portfolioMessage = z.object({
  currency: z.string(),
  equity: z.number(),
  balance: z.number(),
  margin_balance: amount,
  available_funds: amount,
  initial_margin: amount,
  maintenance_margin: amount,
  projected_initial_margin: amount,
  projected_maintenance_margin: amount,
  session_rpl: amount,
  session_upl: amount,
  total_pl: amount,
  futures_pl: amount,
  options_pl: amount,
  options_value: amount,
  delta_total: amount,
  options_delta: amount,
  options_gamma: amount,
  options_vega: amount,
  options_theta: amount,
  fee_balance: amount,
  spot_reserve: amount,
  portfolio_margining_enabled: z.boolean().optional(),
  cross_collateral_enabled: z.boolean().optional(),
});
export type PortfolioMessage = z.infer<typeof portfolioMessage>;

const rate = z.object({ burst: z.number(), rate: z.number() });

/** Limits on requests; those that an account does not have are absent. */
const limitsMessage = z.object({
  limits_per_currency: z.boolean().optional(),
  non_matching_engine: rate.optional(),
  matching_engine: z
    .object({
      trading: z.object({ total: rate.optional() }).optional(),
      spot: rate.optional(),
      quotes: rate.optional(),
      max_quotes: rate.optional(),
      guaranteed_quotes: rate.optional(),
      cancel_all: rate.optional(),
    })
    .optional(),
});

const summaryMessage = portfolioMessage.extend({ limits: limitsMessage.optional() });
export const summariesMessage = z.object({ summaries: z.array(summaryMessage) });

export const mmpTriggerMessage = z.object({
  index_name: z.string(),
  frozen_until: z.number(),
  mmp_group: z.string().optional(),
});

/** The newest first, one a day. */
export const deliveryPricesAnswer = z.object({
  data: z.array(z.object({ date: z.string(), delivery_price: z.number() })),
});

/** The venue lists what is frozen, and nothing else. */
export const mmpStatusAnswer = z.array(mmpTriggerMessage);

/** Seconds and base currency, as they were set; 0 or nothing for no limit. */
export const mmpConfigAnswer = z.array(
  z.object({
    interval: z.number(),
    frozen_time: z.number(),
    quantity_limit: z.number().nullish(),
    delta_limit: z.number().nullish(),
    vega_limit: z.number().nullish(),
    max_quote_quantity: z.number().nullish(),
    mmp_group: z.string().nullish(),
  }),
);

export const orderAnswer = z.object({ order: orderMessage, trades: z.array(tradeMessage).optional() });
export const massQuoteAnswer = z.object({
  errors: z
    .array(
      z.object({
        instrument_name: z.string(),
        side: z.enum(['bid', 'ask']),
        error: z.object({ code: z.number(), message: z.string() }),
      }),
    )
    .optional(),
  orders: z.array(orderMessage).optional(),
  trades: z.array(tradeMessage).optional(),
});
export const changesMessage = z.object({
  instrument_name: z.string(),
  orders: z.array(orderMessage).optional(),
  trades: z.array(tradeMessage).optional(),
  positions: z.array(positionMessage).optional(),
});
export const tradesAnswer = z.union([
  z.object({ trades: z.array(tradeMessage), has_more: z.boolean().optional() }),
  z.array(tradeMessage).transform((trades) => ({ trades, has_more: false })),
]);
