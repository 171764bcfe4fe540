/** Places in the kernels' cell that the solver of implied volatility adds: the price that is asked about, … */
export const PREMIUM = 8;
/** … the option's value without its intrinsic part and the largest that can be (the smaller of forward and strike), … */
export const TIME_VALUE = 9;
export const CEILING = 10;
/** … and that value in units of sqrt(F K). */
export const VALUE = 11;
