import { DaylightShift, type SeasonalClock } from './seasonal-clock.js';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday: with this shift day 0 of a week is Sunday and day 6 Saturday. */
const THURSDAY = 4;
/** Random walk of a cell, variance per visit; with the bound below it keeps the gain of a long-lived cell near 3 %. */
const CELL_DRIFT = 1e-4;
const MAX_CELL_VARIANCE = 0.09;

/**
 * One cycle of the calendar as cells, each a scalar Kalman filter: prior N(0, sd^2), a slow random walk, and a gain
 * that starts high, averages, and settles. Between the centres of cells the factor is interpolated, so that a cycle
 * may have fewer cells than bars.
 */
class SeasonalCycle {
  private readonly cells: number;
  private readonly level: Float64Array;
  private readonly variance: Float64Array;
  private left = 0;
  private right = 0;
  private rightWeight = Number.NaN;

  constructor(
    private readonly period: number,
    maxCells: number,
    priorSd: number,
  ) {
    this.cells = Math.min(period, maxCells);
    this.level = new Float64Array(this.cells);
    this.variance = new Float64Array(this.cells).fill(priorSd * priorSd);
  }

  /** Points at the two cells around a bar's place in the cycle, an integer below the period. */
  seek(slot: number): void {
    const cells = this.cells;
    const centre = ((slot + 0.5) * cells) / this.period - 0.5;
    const left = Math.floor(centre);
    this.rightWeight = centre - left;
    this.left = left < 0 ? cells - 1 : left;
    this.right = this.left + 1 === cells ? 0 : this.left + 1;
  }

  factor(): number {
    return (1 - this.rightWeight) * this.level[this.left]! + this.rightWeight * this.level[this.right]!;
  }

  uncertainty(): number {
    const right = this.rightWeight;
    const left = 1 - right;
    return left * left * this.variance[this.left]! + right * right * this.variance[this.right]!;
  }

  /** Moves the pointed cells by an error of variance `total`. */
  learn(error: number, total: number): void {
    this.learnCell(this.left, 1 - this.rightWeight, error, total);
    this.learnCell(this.right, this.rightWeight, error, total);
  }

  private learnCell(cell: number, weight: number, error: number, total: number): void {
    const variance = this.variance[cell]!;
    const gain = (variance * weight) / total;
    this.level[cell]! += gain * error;
    this.variance[cell] = Math.min(variance * (1 - gain * weight) + CELL_DRIFT * weight, MAX_CELL_VARIANCE);
  }
}

/**
 * Seasonal factors in log variance: hour of the day, hour of the day at weekends, hour of the week, and for bars
 * shorter than an hour the minute of the hour. Prior scales shrink what few bars can tell: a week's pattern needs
 * months, a day's needs days. Times are milliseconds since the epoch.
 */
export class Seasonality {
  private readonly daylight: DaylightShift | undefined;
  private readonly day: SeasonalCycle | undefined;
  private readonly weekend: SeasonalCycle | undefined;
  private readonly week: SeasonalCycle;
  private readonly hour: SeasonalCycle | undefined;
  private isWeekend = false;

  constructor(
    private readonly barsPerDay: number,
    clock: SeasonalClock,
  ) {
    this.daylight = clock === 'newYork' ? new DaylightShift() : undefined;
    // A cycle that never tells two bars apart would only compete with the level.
    this.day = barsPerDay > 1 ? new SeasonalCycle(barsPerDay, 96, 0.4) : undefined;
    this.weekend = barsPerDay > 1 ? new SeasonalCycle(barsPerDay, 24, 0.3) : undefined;
    this.week = new SeasonalCycle(7 * barsPerDay, 168, 0.12);
    const barsPerHour = Math.round(barsPerDay / 24);
    this.hour = barsPerHour > 1 ? new SeasonalCycle(barsPerHour, 60, 0.3) : undefined;
  }

  /** The factor in log variance of the bar at a time; later calls of `learn` mean this bar. */
  factor(time: number): number {
    this.seek(time);
    return this.current();
  }

  /** The factor of the bar that was asked for last, as it is after `learn`. */
  current(): number {
    let sum = this.week.factor();
    if (this.day !== undefined) sum += this.day.factor();
    if (this.hour !== undefined) sum += this.hour.factor();
    if (this.isWeekend && this.weekend !== undefined) sum += this.weekend.factor();
    return sum;
  }

  /** Learns the log-variance error of the bar that was asked for last; `noise` is the variance of such errors. */
  learn(error: number, noise: number): void {
    const { day, week, hour } = this;
    const weekend = this.isWeekend ? this.weekend : undefined;
    let total = noise + week.uncertainty();
    if (day !== undefined) total += day.uncertainty();
    if (hour !== undefined) total += hour.uncertainty();
    if (weekend !== undefined) total += weekend.uncertainty();
    week.learn(error, total);
    if (day !== undefined) day.learn(error, total);
    if (hour !== undefined) hour.learn(error, total);
    if (weekend !== undefined) weekend.learn(error, total);
  }

  private seek(time: number): void {
    const bars = this.barsPerDay;
    const local = this.daylight === undefined ? time : time + this.daylight.at(time);
    const index = Math.round((local * bars) / DAY_MS) + THURSDAY * bars;
    const slotOfWeek = index - Math.floor(index / (7 * bars)) * 7 * bars;
    const day = Math.floor(slotOfWeek / bars);
    const slotOfDay = slotOfWeek - day * bars;
    this.isWeekend = day === 0 || day === 6;
    this.week.seek(slotOfWeek);
    if (this.day !== undefined) this.day.seek(slotOfDay);
    if (this.hour !== undefined) this.hour.seek(slotOfDay % Math.round(bars / 24));
    if (this.isWeekend && this.weekend !== undefined) this.weekend.seek(slotOfDay);
  }
}
