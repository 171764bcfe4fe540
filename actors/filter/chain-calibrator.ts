import { black76ImpliedVol } from '../../engine/quant/implied-vol/implied-vol.js';
import { inverseImpliedVol } from '../../engine/quant/implied-vol/index.js';
import {
  type FittedSlice,
  type QuoteSlice,
  type SurfaceFit as Surface,
  SurfaceCalibrator,
  type VolQuote,
} from '../../engine/quant/surface/index.js';
import { findLiveRadii } from '../../engine/quant/surface/live-smile.js';
import { SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { ChainQuote } from '../../schemas/generated/chain-quote.js';
import { ChainSnapshot } from '../../schemas/generated/chain-snapshot.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { FitFailure, FitOutcome } from './filter-flags.js';
import { IS_CALL, IS_INVERSE } from './filter-state.js';

const SMILE_AT = fieldOffset(SliceFit, 'theta');
const RADIUS_AT = fieldOffset(SliceFit, 'radius0');
/** Where an expiry without quotes is held to its last smile: strikes out to this many standard deviations, with this relative spread. */
const HELD_STRIKES = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2] as const;
const HELD_SPREAD = 0.02;

/** The usable quotes of one expiry. */
interface ExpiryQuotes extends QuoteSlice {
  expiry: number;
  twoSided: number;
  quotes: VolQuote[];
}

/** A fitted slice, how well it keeps its quotes, and whose it is. */
interface Judged {
  expiry: number;
  twoSided: number;
  error: number;
  inside: number;
}

/**
 * Fits a surface to a snapshot of a chain: a pure function of the snapshots that it was given so far, so that a backtest, a test and the engine at
 * work get the same surface from the same quotes. An expiry that has lost its quotes is held to its last smile, so that it goes on beside its
 * neighbours without arbitrage.
 */
export class ChainCalibrator {
  private readonly calibrators = new Map<number, SurfaceCalibrator>();
  /** The last slice of every expiry. */
  private readonly slices = new Map<number, FittedSlice>();
  private readonly snapshot = new ChainSnapshot();
  private readonly quote = new ChainQuote();

  /** The body of a SurfaceFit record that answers the ChainSnapshot whose body stands at `body`. `tookMicros` is left 0. */
  calibrate(buffer: ViewBuffer, body: number): Uint8Array {
    const snapshot = this.snapshot.__init(body, buffer);
    const underlying = snapshot.underlying();
    const expiries = this.read(buffer, body, snapshot.count());
    let failure: number = FitFailure.NO_QUOTES;
    if (expiries.some(({ twoSided }) => twoSided > 0)) {
      try {
        const surface = this.calibratorOf(underlying).fit({ slices: expiries });
        failure = failureOf(surface);
        if (failure === FitFailure.NONE) return this.fitted(snapshot, surface, expiries);
      } catch {
        // What the fit refuses is no reason to end anything: the last good surface stays, and the record says so.
        failure = FitFailure.ERROR;
      }
      // A fit that went wrong is no start for the next.
      this.calibrators.delete(underlying);
    }
    return failed(snapshot, failure);
  }

  private calibratorOf(underlying: number): SurfaceCalibrator {
    let calibrator = this.calibrators.get(underlying);
    if (calibrator === undefined) {
      calibrator = new SurfaceCalibrator();
      this.calibrators.set(underlying, calibrator);
    }
    return calibrator;
  }

  /** Quotes by expiry, as vols; expiries with nothing to fit and nothing to hold on to are left out. */
  private read(buffer: ViewBuffer, body: number, count: number): ExpiryQuotes[] {
    const found = new Map<number, ExpiryQuotes>();
    const { quote } = this;
    for (let index = 0; index < count; index++) {
      quote.__init(body + ChainSnapshot.sizeOf() + index * ChainQuote.sizeOf(), buffer);
      const expiry = quote.expiry();
      let slice = found.get(expiry);
      if (slice === undefined) {
        slice = { expiry, T: quote.years(), F: quote.forward(), twoSided: 0, quotes: [] };
        found.set(expiry, slice);
      }
      const bidIv = this.volOf(quote.bidPrice(), slice);
      const askIv = this.volOf(quote.askPrice(), slice);
      if (!(bidIv > 0 || askIv > 0) || bidIv > askIv) continue;
      if (bidIv > 0 && askIv > 0) slice.twoSided++;
      slice.quotes.push({ K: quote.strike(), bidIv, askIv });
    }
    for (const slice of found.values()) if (slice.twoSided === 0) this.hold(slice);
    return [...found.values()].filter(({ quotes, F, T }) => quotes.length > 0 && F > 0 && T > 0);
  }

  /** Vol of a price of the option in `quote`; NaN where it has none. */
  private volOf(price: number, { F, T }: QuoteSlice): number {
    const { quote } = this;
    if (!(price > 0)) return Number.NaN;
    const isCall = (quote.flags() & IS_CALL) !== 0;
    return (quote.flags() & IS_INVERSE) !== 0
      ? inverseImpliedVol(price, F, quote.strike(), T, isCall)
      : black76ImpliedVol(price, F, quote.strike(), T, isCall);
  }

  /** Gives an expiry without a two-sided quote its last smile for quotes. */
  private hold(slice: ExpiryQuotes): void {
    const last = this.slices.get(slice.expiry);
    slice.quotes = [];
    if (last === undefined) return;
    const deviation = Math.sqrt(last.totalVariance(0));
    for (const z of HELD_STRIKES) {
      const vol = Math.sqrt(last.totalVariance(z * deviation) / last.T);
      const k = z * deviation * Math.sqrt(slice.T / last.T);
      const half = 0.5 * HELD_SPREAD * vol;
      slice.quotes.push({ K: slice.F * Math.exp(k), bidIv: vol - half, askIv: vol + half });
    }
  }

  private fitted(snapshot: ChainSnapshot, surface: Surface, expiries: readonly ExpiryQuotes[]): Uint8Array {
    const { slices } = surface;
    const bytes = new Uint8Array(SurfaceFit.sizeOf() + slices.length * SliceFit.sizeOf());
    const buffer = new ViewBuffer(bytes.buffer);
    const smiles = new Float64Array(slices.length * SMILE_STRIDE);
    slices.forEach((slice, index) => {
      slice.copyInto(smiles, index);
    });
    const radii = new Float64Array(3);
    slices.forEach((slice, index) => {
      const judged = judge(
        slice,
        expiries.find(({ T }) => T === slice.T),
      );
      this.slices.set(judged.expiry, slice);
      findLiveRadii(radii, 0, smiles, index, slices.length);
      writeSlice(buffer, SurfaceFit.sizeOf() + index * SliceFit.sizeOf(), slice, judged, smiles, index, radii);
    });
    const fit = answerTo(buffer, snapshot, FitOutcome.FITTED);
    fit.mutate_count(slices.length);
    fit.mutate_butterfly(surface.violations.butterfly);
    fit.mutate_calendar(surface.violations.calendar);
    fit.mutate_fitError(surface.rmseBp / 1e4);
    fit.mutate_insideShare(surface.insideShare);
    fit.mutate_rejected(surface.rejected.length);
    fit.mutate_steps(surface.steps);
    return bytes;
  }
}

function failureOf({ violations, slices, rmseBp }: Surface): number {
  if (violations.butterfly + violations.calendar > 0) return FitFailure.ARBITRAGE;
  const isSound = Number.isFinite(rmseBp) && slices.every(({ params }) => Number.isFinite(params.theta));
  return isSound ? FitFailure.NONE : FitFailure.NOT_A_NUMBER;
}

/** How well a slice keeps the two-sided quotes of its expiry. */
function judge(slice: FittedSlice, expiry: ExpiryQuotes | undefined): Judged {
  let squares = 0;
  let inside = 0;
  let count = 0;
  for (const { K, bidIv, askIv } of expiry?.quotes ?? []) {
    const bid = bidIv ?? Number.NaN;
    const ask = askIv ?? Number.NaN;
    if (!(bid > 0 && ask > 0)) continue;
    const vol = slice.impliedVol(K);
    const miss = vol - 0.5 * (bid + ask);
    squares += miss * miss;
    if (vol >= bid && vol <= ask) inside++;
    count++;
  }
  return {
    expiry: expiry?.expiry ?? 0,
    twoSided: expiry?.twoSided ?? 0,
    error: count > 0 ? Math.sqrt(squares / count) : 0,
    inside: count > 0 ? inside / count : 0,
  };
}

function answerTo(buffer: ViewBuffer, snapshot: ChainSnapshot, outcome: number): SurfaceFit {
  const fit = new SurfaceFit().__init(0, buffer);
  fit.mutate_underlying(snapshot.underlying());
  fit.mutate_outcome(outcome);
  fit.mutate_reason(snapshot.reason());
  fit.mutate_number(snapshot.number());
  fit.mutate_basedOnSeq(snapshot.basedOnSeq());
  fit.mutate_basedOnTime(snapshot.basedOnTime());
  return fit;
}

function failed(snapshot: ChainSnapshot, failure: number): Uint8Array {
  const bytes = new Uint8Array(SurfaceFit.sizeOf());
  answerTo(new ViewBuffer(bytes.buffer), snapshot, FitOutcome.FAILED).mutate_failure(failure);
  return bytes;
}

function writeSlice(
  buffer: ViewBuffer,
  at: number,
  { T, F }: FittedSlice,
  { expiry, twoSided, error, inside }: Judged,
  smiles: Float64Array,
  slice: number,
  radii: Float64Array,
): void {
  const record = new SliceFit().__init(at, buffer);
  record.mutate_expiry(expiry);
  record.mutate_twoSided(twoSided);
  record.mutate_years(T);
  record.mutate_forward(F);
  record.mutate_fitError(error);
  record.mutate_insideShare(inside);
  for (let number = 0; number < SMILE_STRIDE; number++) {
    buffer.writeFloat64(at + SMILE_AT + 8 * number, smiles[slice * SMILE_STRIDE + number]!);
  }
  radii.forEach((radius, mode) => {
    buffer.writeFloat64(at + RADIUS_AT + 8 * mode, radius);
  });
}
