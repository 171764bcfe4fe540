/**
 * Time as variance sees it: weekends and holidays run slow, announcements are jumps of the clock. Interpolating total variance on this clock
 * instead of the calendar removes the weekly saw-tooth of short-dated vols.
 *
 * Times are milliseconds since the Unix epoch, UTC; clock readings are years of 365 days.
 */
export const HOURS_PER_WEEK = 168;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const HOURS_PER_YEAR = 365 * 24;
/** The epoch was a Thursday: Monday 00:00 UTC came four days later. */
const FIRST_MONDAY = 4 * DAY;

/** A UTC day that runs at another speed: 0.5 gives it half of its usual variance. */
export interface ClockHoliday {
  /** 00:00 UTC of the day. */
  start: number;
  weight: number;
}

/** An announcement: at `time` the clock jumps by the variance of `days` ordinary days. */
export interface ClockEvent {
  time: number;
  days: number;
}

export interface VarianceClockOptions {
  /** Relative variance of the 168 hours of a week from Monday 00:00 UTC, any scale; flat when absent. */
  week?: ArrayLike<number>;
  holidays?: readonly ClockHoliday[];
  events?: readonly ClockEvent[];
}

/** A week in which Saturday and Sunday have `weight` times the variance of another day. */
export function weekendProfile(weight: number): Float64Array {
  return Float64Array.from({ length: HOURS_PER_WEEK }, (_, hour) => (hour < 120 ? 1 : weight));
}

/** A monotone clock. A plain week takes as long as on the calendar, so vols keep their scale. */
export class VarianceClock {
  /** Clock hours from the start of the week to each hour, 169 numbers. */
  private readonly elapsed: Float64Array;
  private readonly holidays: readonly ClockHoliday[];
  private readonly events: readonly ClockEvent[];

  /** @throws RangeError for a week that has not 168 non-negative weights with a positive sum, or a bad holiday or event. */
  constructor({ week = weekendProfile(1), holidays = [], events = [] }: VarianceClockOptions = {}) {
    const weights = Array.from(week);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (
      weights.length !== HOURS_PER_WEEK ||
      !weights.every((weight) => weight >= 0) ||
      !(sum > 0 && sum < Number.POSITIVE_INFINITY)
    ) {
      throw new RangeError(
        `VarianceClock: week must hold 168 non-negative weights with a positive sum, found ${weights.length} with sum ${sum}`,
      );
    }
    for (const { start, weight } of holidays) {
      if (!(Number.isFinite(start) && weight >= 0))
        throw new RangeError(`VarianceClock: bad holiday, start ${start} weight ${weight}`);
    }
    for (const { time, days } of events) {
      if (!(Number.isFinite(time) && days >= 0))
        throw new RangeError(`VarianceClock: bad event, time ${time} days ${days}`);
    }
    this.elapsed = new Float64Array(HOURS_PER_WEEK + 1);
    for (let hour = 0; hour < HOURS_PER_WEEK; hour++) {
      this.elapsed[hour + 1] = this.elapsed[hour]! + (weights[hour]! * HOURS_PER_WEEK) / sum;
    }
    this.holidays = holidays;
    this.events = events;
  }

  /** Clock years between two times: negative when `to` comes first. */
  years(from: number, to: number): number {
    if (to < from) return -this.years(to, from);
    let hours = this.weekly(to) - this.weekly(from);
    for (const { start, weight } of this.holidays) {
      const begin = Math.max(start, from);
      const end = Math.min(start + DAY, to);
      if (end > begin) hours += (weight - 1) * (this.weekly(end) - this.weekly(begin));
    }
    for (const { time, days } of this.events) if (time > from && time <= to) hours += 24 * days;
    return hours / HOURS_PER_YEAR;
  }

  /** Clock hours since the first Monday, from the weekly profile alone. */
  private weekly(time: number): number {
    const since = time - FIRST_MONDAY;
    const weeks = Math.floor(since / WEEK);
    const hours = (since - weeks * WEEK) / HOUR;
    const hour = Math.min(Math.floor(hours), HOURS_PER_WEEK - 1);
    const start = this.elapsed[hour]!;
    return weeks * HOURS_PER_WEEK + start + (hours - hour) * (this.elapsed[hour + 1]! - start);
  }
}

/** Weight of one week of bars against the separable profile that a short history is drawn to. */
const PRIOR_WEEKS = 8;

/**
 * The weekly profile from bars: for each hour of the week the average of variance relative to its own week, so that a
 * wild week counts no more than a calm one. With few weeks it is drawn towards hour-of-day times weekday-or-weekend.
 *
 * @param times start of each bar, ms; ascending or not, gaps allowed
 * @param variances realised variance of each bar, any unit
 * @throws RangeError when lengths differ or no week has positive variance in every one of its days
 */
export function fitWeekProfile(times: ArrayLike<number>, variances: ArrayLike<number>): Float64Array {
  if (times.length !== variances.length) {
    throw new RangeError(
      `fitWeekProfile: times and variances must have one length, found ${times.length} and ${variances.length}`,
    );
  }
  const weeks = new Map<number, { sums: Float64Array; counts: Float64Array }>();
  for (let bar = 0; bar < times.length; bar++) {
    const since = times[bar]! - FIRST_MONDAY;
    const variance = variances[bar]!;
    if (!(Number.isFinite(since) && variance >= 0 && variance < Number.POSITIVE_INFINITY)) continue;
    const index = Math.floor(since / WEEK);
    let week = weeks.get(index);
    if (week === undefined) {
      week = { sums: new Float64Array(HOURS_PER_WEEK), counts: new Float64Array(HOURS_PER_WEEK) };
      weeks.set(index, week);
    }
    const hour = Math.floor((since - index * WEEK) / HOUR);
    week.sums[hour]! += variance;
    week.counts[hour]! += 1;
  }
  const sums = new Float64Array(HOURS_PER_WEEK);
  const counts = new Float64Array(HOURS_PER_WEEK);
  let whole = 0;
  for (const week of weeks.values()) {
    const hours = week.counts.filter((count) => count > 0).length;
    let level = 0;
    for (let hour = 0; hour < HOURS_PER_WEEK; hour++)
      if (week.counts[hour]! > 0) level += week.sums[hour]! / week.counts[hour]! / hours;
    // A week that is not whole would be compared with the level of its own days only.
    if (hours < 0.9 * HOURS_PER_WEEK || !(level > 0)) continue;
    whole++;
    for (let hour = 0; hour < HOURS_PER_WEEK; hour++) {
      if (week.counts[hour] === 0) continue;
      sums[hour]! += week.sums[hour]! / week.counts[hour]! / level;
      counts[hour]! += 1;
    }
  }
  if (whole === 0)
    throw new RangeError(
      'fitWeekProfile: expected bars over at least one whole week with positive variance, found none',
    );
  const raw = sums.map((sum, hour) => sum / Math.max(counts[hour]!, 1));
  const separable = separableProfile(raw);
  const trust = whole / (whole + PRIOR_WEEKS);
  return raw.map((weight, hour) => trust * weight + (1 - trust) * separable[hour]!);
}

/** Hour of day times weekday-or-weekend, the coarse shape of a week. */
function separableProfile(week: Float64Array): Float64Array {
  const average = (hours: (hour: number) => boolean): number => {
    const chosen = week.filter((_, hour) => hours(hour));
    return chosen.reduce((sum, weight) => sum + weight, 0) / chosen.length;
  };
  const all = average(() => true);
  const weekday = average((hour) => hour < 120) / all;
  const weekend = average((hour) => hour >= 120) / all;
  const byHour = Float64Array.from({ length: 24 }, (_, clock) => average((hour) => hour % 24 === clock));
  return week.map((_, hour) => byHour[hour % 24]! * (hour < 120 ? weekday : weekend));
}
