import { VegaQuoter } from '../../quant/quoting/index.js';
import { wrightOmega } from '../../quant/quoting/vega/wright-omega.js';
import type { QuotingSettings } from './settings.js';

/** Nodes of the inventory grid, and values kept beyond each end for the cubic. */
const NODES = 41;
/** Regimes: unknown, calm, normal, stressed, jump; and the vol of variance in each, as a multiple. */
const VOL_OF_VARIANCE = [1, 0.7, 1, 1.6, 2.5];
const HOURS_A_YEAR = 365 * 24;

/** What `VegaTables.quote` reads. */
export const VegaInput = { INVENTORY: 0, STEP: 1, AMOUNT: 2, SLOPE: 3, MONEY: 4, FEE: 5, SIZE: 6 } as const;
/** What it writes: distances from the theoretical value, price units; and that of a flat book, where a side would pass the limit. */
export const VegaOutput = { BID: 0, ASK: 1, FLAT: 2, SIZE: 3 } as const;

/**
 * The value of quoting as a function of an underlying's vega inventory, solved once for every regime when it is made, off the hot
 * path; on the hot path it is looked up. With it each option's distances follow in closed form.
 *
 * It is a function of the settings alone, so it is no part of a stage's state.
 */
export class VegaTables {
  /** Numbers in and out: doubles handed to a call may be boxed. */
  readonly input = new Float64Array(VegaInput.SIZE);
  readonly output = new Float64Array(VegaOutput.SIZE);
  private readonly values: readonly Float64Array[];
  private readonly numbers: Float64Array;
  private readonly omegas = new Float64Array(2);
  /** Inventories now, after a bid's and after an offer's fill; or none, and after a bid's fill from there. */
  private readonly places = new Float64Array(3);

  constructor(settings: QuotingSettings) {
    this.numbers = Float64Array.of(settings.vegaLimit, settings.alpha);
    this.values = valuesOf(settings);
  }

  /**
   * Distances that earn most, from `input`: INVENTORY in USD per 1.00 of vol, STEP what a fill of AMOUNT adds to it, SLOPE beta over
   * the option's vega in price units, MONEY USD per price unit, FEE in price units. Infinity for a side that would pass the limit.
   */
  quote(regime: number): void {
    const { input, output, numbers, omegas } = this;
    const values = this.values[regime < this.values.length ? regime : 0]!;
    const limit = numbers[0]!;
    const alpha = numbers[1]!;
    const V = input[VegaInput.INVENTORY]!;
    const step = input[VegaInput.STEP]!;
    const slope = input[VegaInput.SLOPE]!;
    const fee = input[VegaInput.FEE]!;
    const perPrice = 1 / (input[VegaInput.AMOUNT]! * input[VegaInput.MONEY]!);
    // Beyond the limit the marginal values there serve: only what brings the inventory back is quoted.
    const held = V > limit ? limit : V < -limit ? -limit : V;
    const { places } = this;
    places[0] = held;
    places[1] = held + step;
    places[2] = held - step;
    interpolate(values, places, 3, limit);
    const bidCost = (places[0]! - places[1]!) * perPrice + fee;
    const askCost = (places[0]! - places[2]!) * perPrice + fee;
    omegas[0] = -(1 + alpha + slope * bidCost);
    omegas[1] = -(1 + alpha + slope * askCost);
    wrightOmega(omegas, 2);
    output[VegaOutput.BID] = V + step > limit ? Number.POSITIVE_INFINITY : bidCost + (1 + omegas[0]!) / slope;
    output[VegaOutput.ASK] = V - step < -limit ? Number.POSITIVE_INFINITY : askCost + (1 + omegas[1]!) / slope;
    // Where both sides are quoted nobody asks what a flat book would do.
    if (V + step > limit || V - step < -limit) this.quoteFlat(values);
  }

  private quoteFlat(values: Float64Array): void {
    const { places, omegas, input, output, numbers } = this;
    const slope = input[VegaInput.SLOPE]!;
    places[0] = 0;
    places[1] = input[VegaInput.STEP]!;
    interpolate(values, places, 2, numbers[0]!);
    const perPrice = 1 / (input[VegaInput.AMOUNT]! * input[VegaInput.MONEY]!);
    const cost = (places[0]! - places[1]!) * perPrice + input[VegaInput.FEE]!;
    omegas[0] = -(1 + numbers[1]! + slope * cost);
    wrightOmega(omegas, 1);
    output[VegaOutput.FLAT] = cost + (1 + omegas[0]!) / slope;
  }
}

/** What was solved last: one core after the other of a process mostly asks for the same, and solving takes as long as minutes of a market do. */
let solved: { readonly of: string; readonly values: readonly Float64Array[] } | undefined;

/** Values of the inventory grid's nodes in each regime. */
function valuesOf(settings: QuotingSettings): readonly Float64Array[] {
  const { alpha, beta, aversion, volOfVariance, spotCorrelation, vegaLimit, typicalFills, horizonHours } = settings;
  const of = JSON.stringify([
    alpha,
    beta,
    aversion,
    volOfVariance,
    spotCorrelation,
    vegaLimit,
    typicalFills,
    horizonHours,
  ]);
  if (solved?.of === of) return solved.values;
  const values = VOL_OF_VARIANCE.map((multiple) => {
    const quoter = new VegaQuoter({
      options: typicalFills.map(({ vega, perYear }) => ({ vega, size: 1, lambda: perYear })),
      alpha,
      beta,
      gamma: aversion,
      xi: volOfVariance * multiple,
      rho: spotCorrelation,
      Vmax: vegaLimit,
      T: horizonHours / HOURS_A_YEAR,
      nodes: NODES,
    }).solve();
    return Float64Array.from({ length: NODES }, (_, node) =>
      quoter.value(Math.min(vegaLimit, -vegaLimit + (2 * vegaLimit * node) / (NODES - 1))),
    );
  });
  solved = { of, values };
  return values;
}

/** So many inventories to values, in place, by the parabola through the three nearest nodes; beyond the ends by the end's parabola. */
function interpolate(values: Float64Array, places: Float64Array, count: number, limit: number): void {
  for (let index = 0; index < count; index++) {
    const place = ((places[index]! + limit) / (2 * limit)) * (NODES - 1);
    let node = Math.round(place);
    if (node < 1) node = 1;
    else if (node > NODES - 2) node = NODES - 2;
    const x = place - node;
    const middle = values[node]!;
    const slope = 0.5 * (values[node + 1]! - values[node - 1]!);
    const bend = 0.5 * (values[node + 1]! - 2 * middle + values[node - 1]!);
    places[index] = middle + x * (slope + x * bend);
  }
}
