/** How a rule's threshold comes about. */
export type ThresholdMode = 'absolute' | 'relative' | 'percentile' | 'deviations';

export const thresholdModes: readonly ThresholdMode[] = ['absolute', 'relative', 'percentile', 'deviations'];

/** When a model's output is too high, and when it is so no longer. */
export interface ThresholdRule {
  mode: ThresholdMode;
  /**
   * absolute: the threshold itself, in the unit of the output. relative: a multiple of the window's mean. percentile: the
   * percentile of the window, 0 to 100. deviations: standard deviations above the window's mean.
   */
  level: number;
  /** Observations that the threshold is taken from; absolute thresholds need none. */
  window: number;
  /** Newest observations that the window leaves out, so that an event does not raise the bar that it is measured by. */
  lag: number;
  /** An event ends when the output falls below this part of its threshold, in (0, 1]; 1 is no hysteresis. */
  release: number;
  /** Observations for which an event lasts at least. */
  hold: number;
}

export const RULE_DEFAULTS: Readonly<ThresholdRule> = {
  mode: 'deviations',
  level: 3,
  window: 1440,
  lag: 5,
  release: 0.8,
  hold: 1,
};

const LONGEST_WINDOW = 1_000_000;

/** The rule as it is; throws a RangeError that names what means nothing. */
export function checkedRule(rule: Readonly<ThresholdRule>): ThresholdRule {
  const { mode, level, window, lag, release, hold } = rule;
  if (!thresholdModes.includes(mode)) {
    throw new RangeError(`mode must be one of ${thresholdModes.join(', ')}, found '${mode}'`);
  }
  if (!(level > 0 && level < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`level must be a positive number, found ${level}`);
  }
  if (mode === 'percentile' && !(level < 100)) throw new RangeError(`a percentile lies below 100, found ${level}`);
  const whole = (name: string, value: number, least: number): void => {
    if (!(Number.isInteger(value) && value >= least && value <= LONGEST_WINDOW)) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${LONGEST_WINDOW}, found ${value}`);
    }
  };
  whole('window', window, mode === 'absolute' ? 0 : 10);
  whole('lag', lag, 0);
  whole('hold', hold, 1);
  if (!(release > 0 && release <= 1)) throw new RangeError(`release must lie in (0, 1], found ${release}`);
  return { ...rule };
}

/** The rule in one line, as reports and records of it say it. */
export function ruleText({ mode, level, window, lag, release, hold }: Readonly<ThresholdRule>): string {
  const threshold = {
    absolute: `above ${level}`,
    relative: `above ${level} times the mean of ${window}`,
    percentile: `above the ${level}th percentile of ${window}`,
    deviations: `above the mean of ${window} by ${level} standard deviations`,
  }[mode];
  const lagged = mode === 'absolute' || lag === 0 ? '' : `, ${lag} back`;
  return `${threshold}${lagged}; ends below ${release} of it, after ${hold} at the least`;
}
