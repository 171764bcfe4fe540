import { type Alert, type AlertTransition, alertStateNames, ChangeCause } from '../../engine/market/alerts/index.js';

/** What a sink is told: plain data, the same for all of them. Times are ISO. */
export interface Notice {
  /** Unique within a run of the engine, and the same in every attempt to tell it. */
  id: string;
  number: number;
  alert: string;
  rule: string;
  condition: string;
  metrics: string[];
  severity: string;
  state: string;
  before: string;
  since: string;
  time: string;
  /** Both sides of the comparison that decided; null where there is none. */
  found: number | null;
  bound: number | null;
  /** Log sequence number of the event that decided. */
  seq: number;
  reminder: boolean;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const iso = (micros: number): string => new Date(micros / 1000).toISOString();

export function noticeOf({ alert, before, cause, time, seq, number }: AlertTransition, run: number): Notice {
  return {
    id: `${run}-${number}`,
    number,
    alert: alert.name,
    rule: alert.rule.name,
    condition: alert.rule.text,
    metrics: alert.metrics,
    severity: alert.rule.severity,
    state: alertStateNames[alert.state],
    before: alertStateNames[before],
    since: iso(alert.since),
    time: iso(time),
    found: finite(alert.found),
    bound: finite(alert.bound),
    seq,
    reminder: cause === ChangeCause.REMINDED,
  };
}

/** One line for a person. */
export function noticeLine({ alert, state, before, severity, condition, found, bound, reminder }: Notice): string {
  const numbers = found === null || bound === null ? '' : ` (${short(found)} against ${short(bound)})`;
  const change = reminder ? `still ${state}` : `${state}, was ${before}`;
  return `${severity}: ${alert} is ${change}${numbers}: ${condition}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** What stands behind an AlertChange: name, rule and metrics, parted by tabs. */
export function alertText({ name, rule, metrics }: Alert): string {
  return [name, rule.text, metrics.join(' ')].map((part) => part.replaceAll('\t', ' ')).join('\t');
}
