import type { WindowFunction } from './rule.js';

/** Samples that one window keeps: of more, one in so many counts. */
const MOST_SAMPLES = 512;

interface Window {
  seconds: number;
  times: number[];
  values: number[];
}

interface Metric {
  name: string;
  value: number;
  /** Microseconds since the Unix epoch; -Infinity before the first value. */
  time: number;
  windows: Window[];
}

/** The newest value of every published metric, and the past of those that a rule looks back on. Times in microseconds. */
export class MetricStore {
  private readonly metrics: Metric[] = [];
  private readonly byName = new Map<string, number>();

  /** The place of a metric, made at its first mention. */
  place(name: string): number {
    let place = this.byName.get(name);
    if (place === undefined) {
      place = this.metrics.length;
      this.byName.set(name, place);
      this.metrics.push({ name, value: Number.NaN, time: Number.NEGATIVE_INFINITY, windows: [] });
    }
    return place;
  }

  get count(): number {
    return this.metrics.length;
  }

  name(place: number): string {
    return this.metrics[place]!.name;
  }

  value(place: number): number {
    return this.metrics[place]!.value;
  }

  time(place: number): number {
    return this.metrics[place]!.time;
  }

  set(place: number, value: number, time: number): void {
    const metric = this.metrics[place]!;
    metric.value = value;
    metric.time = time;
    for (const window of metric.windows) keep(window, value, time);
  }

  /** From here on the last so many seconds of a metric are kept. */
  remember(place: number, seconds: number): void {
    const metric = this.metrics[place]!;
    if (metric.windows.some((window) => window.seconds === seconds)) return;
    const window: Window = { seconds, times: [], values: [] };
    if (!Number.isNaN(metric.value)) keep(window, metric.value, metric.time);
    metric.windows.push(window);
  }

  /** What a function makes of the last so many seconds before `now`; NaN where nothing is known of them. */
  over(place: number, windowed: WindowFunction, seconds: number, now: number): number {
    const { value, windows } = this.metrics[place]!;
    const window = windows.find((one) => one.seconds === seconds);
    if (window === undefined) return Number.NaN;
    const from = now - seconds * 1e6;
    // The value that was in force when the time began counts as its first.
    let first = window.times.findIndex((time) => time > from);
    if (first < 0) return Number.isNaN(value) ? Number.NaN : windowed === 'change' ? 0 : value;
    if (first > 0) first--;
    const values = window.values.slice(first);
    switch (windowed) {
      case 'change':
        return value - values[0]!;
      case 'avg':
        return values.reduce((sum, one) => sum + one, 0) / values.length;
      case 'low':
        return Math.min(...values);
      case 'high':
        return Math.max(...values);
    }
  }
}

function keep(window: Window, value: number, time: number): void {
  if (Number.isNaN(value)) return;
  const { seconds, times, values } = window;
  const last = times.length - 1;
  // Nearer than a grain: the extremes of a grain would be lost, its newest value is not.
  const grain = (seconds * 1e6) / MOST_SAMPLES;
  if (last >= 1 && time - times[last - 1]! < grain) {
    times[last] = time;
    values[last] = value;
  } else {
    times.push(time);
    values.push(value);
  }
  // One older than the window stays: its value was in force when the window began.
  while (times.length > 2 && times[1]! <= time - seconds * 1e6) {
    times.shift();
    values.shift();
  }
}
