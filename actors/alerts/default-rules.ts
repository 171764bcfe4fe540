/** Rules for who has none of his own. */
export const DEFAULT_RULES = `
# The rules of an engine that was given none.
crossed-market: crossed.* > 0 for 5s severity critical
frozen-quotes: frozen.* > 3 for 10s
price-jump: change(anomaly_count.jump.*, 1m) > 0 severity critical
arbitrage: change(anomaly_count.butterfly_arbitrage.*, 1m) > 0
high-vol: realised_vol.* > 150% for 60s until realised_vol.* < 120%
surface-old: surface_age.* > 120 for 10s
feed-outage: change(feed.outages, 1m) > 0
# Orders on the account that nobody here has asked for, and those of a second engine: while there is one nothing new is quoted.
orders-of-others: account.foreign_orders > 0
second-engine-on-the-account: change(account.other_engine_orders, 5m) > 0 severity critical
# A day whose money does not tie out, in multiples of what is allowed.
tie-out: tie_out.* > 1 nodata 1h
tie-out-large: tie_out.* > 10 nodata 1h severity critical
`;
