/** volfilter/quant: the mathematics of options, volatility and quoting as pure functions over numbers and Float64Arrays. */
export {};
