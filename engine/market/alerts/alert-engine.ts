import { MetricStore } from './metric-store.js';
import { type AlertRule, boundTo, type Condition, type Expression, metricsOf } from './rule.js';

/** States of a rule. The codes stand in records. */
export const AlertState = { NORMAL: 1, PENDING: 2, FIRING: 3, NO_DATA: 4, ERROR: 5 } as const;
export type AlertStateCode = (typeof AlertState)[keyof typeof AlertState];
export const alertStateNames = ['', 'normal', 'pending', 'firing', 'no data', 'error'] as const;

/** What led to a change. */
export const ChangeCause = { CONDITION: 1, NO_DATA: 2, ACKNOWLEDGED: 3, SILENCED: 4, RULES: 5, REMINDED: 6 } as const;

/** One rule on the metrics that it is bound to, and where it stands. Times in microseconds of event time. */
export interface Alert {
  /** Stays the same as long as the rule is written the same. */
  number: number;
  rule: AlertRule;
  /** The rule's name, with the part that `*` stands for where there is one. */
  name: string;
  metrics: string[];
  state: AlertStateCode;
  since: number;
  /** User that acknowledged it; 0 while nobody has. */
  acknowledgedBy: number;
  silencedUntil: number;
  /** Both sides of the comparison that decided last. */
  found: number;
  bound: number;
}

export interface AlertTransition {
  alert: Alert;
  before: AlertStateCode;
  cause: number;
  time: number;
  seq: number;
  /** Number of this change, from 1. */
  number: number;
  /** Whether sinks are to be told: it fires, has recovered, lost its data, or is reminded of; and is not silenced. */
  notifies: boolean;
}

interface Bound extends Alert {
  places: number[];
  /** When it must be looked at again without any news: microseconds. */
  due: number;
  remindedAt: number;
  dirty: boolean;
}

/** Alerts that one rule with a `*` may make. */
const MOST_PER_RULE = 256;
const MICROS = 1e6;
/** Metrics are looked at for being old so often. */
const CHECK_MICROS = MICROS;

/**
 * The rules over the metrics: a pure function of what is published, of commands and of event time, so that the same log gives
 * the same changes. `evaluate` after everything of an event was published.
 */
export class AlertEngine {
  readonly metrics = new MetricStore();
  private rules: AlertRule[] = [];
  private alerts: Bound[] = [];
  /** By metric: the alerts that watch it. */
  private readonly watchers: Bound[][] = [];
  private readonly dirty: Bound[] = [];
  private patterns: { rule: AlertRule; pattern: RegExp; parts: Set<string> }[] = [];
  private nextNumber = 0;
  private changes = 0;
  private due = Number.POSITIVE_INFINITY;
  private readonly onChange: (transition: AlertTransition) => void;

  constructor(onChange: (transition: AlertTransition) => void) {
    this.onChange = onChange;
  }

  /** Every alert, in the order of their numbers. */
  list(): readonly Alert[] {
    return this.alerts;
  }

  /** The rules as they are to be from here on: those that are written as before keep their alerts. */
  setRules(rules: readonly AlertRule[], time: number, seq: number): void {
    const before = this.alerts;
    this.rules = [...rules];
    this.alerts = before.filter(({ rule }) => rules.some(({ name, text }) => name === rule.name && text === rule.text));
    for (const alert of before) {
      if (this.alerts.includes(alert)) continue;
      if (alert.state === AlertState.FIRING) this.move(alert, AlertState.NORMAL, ChangeCause.RULES, time, seq);
    }
    this.rewatch();
    this.patterns = [];
    for (const rule of this.rules) this.bind(rule, time);
    this.due = time;
  }

  /** One rule more, or another in the place of the one that is called the same. */
  addRule(rule: AlertRule, time: number, seq: number): void {
    this.setRules([...this.rules.filter(({ name }) => name !== rule.name), rule], time, seq);
  }

  /** A metric's newest value; NaN says that there is none. */
  publish(place: number, value: number, time: number): void {
    const { metrics, watchers } = this;
    const isNew = metrics.time(place) === Number.NEGATIVE_INFINITY;
    metrics.set(place, value, time);
    if (isNew && this.patterns.length > 0) this.bindPatterns(metrics.name(place), time);
    for (const alert of watchers[place] ?? []) {
      if (alert.dirty) continue;
      alert.dirty = true;
      this.dirty.push(alert);
    }
  }

  /** Everything of the event `seq` at `time` was published: looks at the alerts that it concerns, and at those whose time has come. */
  evaluate(time: number, seq: number): void {
    if (this.dirty.length > 0) {
      for (const alert of this.dirty) {
        alert.dirty = false;
        this.judge(alert, time, seq);
      }
      this.dirty.length = 0;
    }
    if (time < this.due) return;
    for (const alert of this.alerts) if (alert.due <= time) this.judge(alert, time, seq);
    this.due = this.alerts.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY);
  }

  /** Somebody has seen that it fires: it is told no more until it has recovered. False where there is no such alert that fires. */
  acknowledge(number: number, user: number, time: number, seq: number): boolean {
    const alert = this.alerts.find((one) => one.number === number);
    if (alert === undefined || alert.state !== AlertState.FIRING) return false;
    alert.acknowledgedBy = user;
    this.tell(alert, alert.state, ChangeCause.ACKNOWLEDGED, time, seq, false);
    return true;
  }

  /** Sinks are not told of it until then; 0 ends a silence. False where there is no such alert. */
  silence(number: number, until: number, time: number, seq: number): boolean {
    const alert = this.alerts.find((one) => one.number === number);
    if (alert === undefined) return false;
    alert.silencedUntil = until;
    this.tell(alert, alert.state, ChangeCause.SILENCED, time, seq, false);
    return true;
  }

  /** Makes a rule's alert, or those of every metric that its pattern fits. */
  private bind(rule: AlertRule, time: number): void {
    const pattern = metricsOf(rule).find((name) => name.includes('*'));
    if (pattern === undefined) {
      this.make(rule, rule.name, time);
      return;
    }
    const escaped = pattern.split('*').map((part) => part.replace(/[.\\+^$?()[\]{}|]/g, '\\$&'));
    const entry = { rule, pattern: new RegExp(`^${escaped.join('([^.]+)')}$`), parts: new Set<string>() };
    this.patterns.push(entry);
    for (let place = 0; place < this.metrics.count; place++) {
      if (this.metrics.time(place) > Number.NEGATIVE_INFINITY) this.bindPattern(entry, this.metrics.name(place), time);
    }
  }

  private bindPatterns(name: string, time: number): void {
    for (const entry of this.patterns) this.bindPattern(entry, name, time);
  }

  private bindPattern({ rule, pattern, parts }: (typeof this.patterns)[number], name: string, time: number): void {
    const part = pattern.exec(name)?.[1];
    if (part === undefined || parts.has(part) || parts.size >= MOST_PER_RULE) return;
    parts.add(part);
    this.make(boundTo(rule, part), `${rule.name}.${part}`, time);
  }

  private make(rule: AlertRule, name: string, time: number): void {
    if (this.alerts.some((alert) => alert.name === name)) return;
    const metrics = metricsOf(rule);
    const alert: Bound = {
      number: this.nextNumber++,
      rule,
      name,
      metrics,
      places: metrics.map((metric) => this.metrics.place(metric)),
      // Nothing is known yet, which is no news to anybody.
      state: AlertState.NO_DATA,
      since: time,
      acknowledgedBy: 0,
      silencedUntil: 0,
      found: Number.NaN,
      bound: Number.NaN,
      due: time,
      remindedAt: time,
      dirty: false,
    };
    this.rememberWindows(rule.condition);
    if (rule.until !== undefined) this.rememberWindows(rule.until);
    this.alerts.push(alert);
    this.watch(alert);
    this.due = Math.min(this.due, time);
  }

  private watch(alert: Bound): void {
    for (const place of alert.places) {
      this.watchers[place] ??= [];
      this.watchers[place].push(alert);
    }
  }

  private rewatch(): void {
    this.watchers.length = 0;
    this.dirty.length = 0;
    for (const alert of this.alerts) {
      alert.dirty = false;
      this.watch(alert);
    }
  }

  private rememberWindows(condition: Condition): void {
    const ofExpression = (one: Expression): void => {
      if (one.kind === 'window') this.metrics.remember(this.metrics.place(one.name), one.seconds);
      else if (one.kind === 'call') one.operands.forEach(ofExpression);
      else if (one.kind === 'binary') {
        ofExpression(one.left);
        ofExpression(one.right);
      }
    };
    if (condition.kind === 'compare') {
      ofExpression(condition.left);
      ofExpression(condition.right);
    } else if (condition.kind === 'not') this.rememberWindows(condition.operand);
    else {
      this.rememberWindows(condition.left);
      this.rememberWindows(condition.right);
    }
  }

  private judge(alert: Bound, time: number, seq: number): void {
    const { rule } = alert;
    alert.due = time + CHECK_MICROS;
    if (this.lacksData(alert, time)) {
      if (alert.state !== AlertState.NO_DATA) this.move(alert, AlertState.NO_DATA, ChangeCause.NO_DATA, time, seq);
      return;
    }
    const holds = this.truth(alert, rule.condition, time, true);
    if (holds === undefined) {
      if (alert.state !== AlertState.ERROR) this.move(alert, AlertState.ERROR, ChangeCause.CONDITION, time, seq);
      return;
    }
    if (alert.state === AlertState.FIRING) {
      this.judgeFiring(alert, holds, time, seq);
    } else if (!holds) {
      if (alert.state !== AlertState.NORMAL) this.move(alert, AlertState.NORMAL, ChangeCause.CONDITION, time, seq);
    } else if (rule.forSeconds === 0) {
      this.move(alert, AlertState.FIRING, ChangeCause.CONDITION, time, seq);
    } else if (alert.state !== AlertState.PENDING) {
      this.move(alert, AlertState.PENDING, ChangeCause.CONDITION, time, seq);
      alert.due = Math.min(alert.due, time + rule.forSeconds * MICROS);
    } else if (time - alert.since >= rule.forSeconds * MICROS) {
      this.move(alert, AlertState.FIRING, ChangeCause.CONDITION, time, seq);
    } else {
      alert.due = Math.min(alert.due, alert.since + rule.forSeconds * MICROS);
    }
    this.due = Math.min(this.due, alert.due);
  }

  private judgeFiring(alert: Bound, holds: boolean, time: number, seq: number): void {
    const { rule } = alert;
    const ends = rule.until === undefined ? !holds : this.truth(alert, rule.until, time, false) === true;
    if (ends) {
      this.move(alert, AlertState.NORMAL, ChangeCause.CONDITION, time, seq);
    } else if (rule.remindSeconds > 0 && alert.acknowledgedBy === 0) {
      if (time - alert.remindedAt < rule.remindSeconds * MICROS) return;
      alert.remindedAt = time;
      this.tell(alert, alert.state, ChangeCause.REMINDED, time, seq, true);
    }
  }

  private lacksData({ places, rule }: Bound, time: number): boolean {
    const oldest = time - rule.noDataSeconds * MICROS;
    for (const place of places) {
      if (this.metrics.time(place) < oldest || Number.isNaN(this.metrics.value(place))) return true;
    }
    return false;
  }

  /** Whether a condition holds; undefined where it cannot be computed. `keeps`: the sides that decide become the alert's. */
  private truth(alert: Bound, condition: Condition, time: number, keeps: boolean): boolean | undefined {
    switch (condition.kind) {
      case 'compare': {
        const left = this.number(condition.left, time);
        const right = this.number(condition.right, time);
        if (keeps) {
          alert.found = left;
          alert.bound = right;
        }
        if (!(Number.isFinite(left) && Number.isFinite(right))) return undefined;
        return compared(condition.operator, left, right);
      }
      case 'not': {
        const inner = this.truth(alert, condition.operand, time, keeps);
        return inner === undefined ? undefined : !inner;
      }
      default: {
        const left = this.truth(alert, condition.left, time, keeps);
        if (left === undefined) return undefined;
        // The side that decides is the one whose numbers are kept.
        if (condition.kind === 'and' ? !left : left) return left;
        return this.truth(alert, condition.right, time, keeps);
      }
    }
  }

  private number(expression: Expression, time: number): number {
    const { metrics } = this;
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'metric':
        return metrics.value(metrics.place(expression.name));
      case 'window':
        return metrics.over(metrics.place(expression.name), expression.function, expression.seconds, time);
      case 'call': {
        const values = expression.operands.map((operand) => this.number(operand, time));
        if (expression.function === 'abs') return Math.abs(values[0]!);
        return expression.function === 'min' ? Math.min(...values) : Math.max(...values);
      }
      case 'binary': {
        const left = this.number(expression.left, time);
        const right = this.number(expression.right, time);
        if (expression.operator === '+') return left + right;
        if (expression.operator === '-') return left - right;
        return expression.operator === '*' ? left * right : left / right;
      }
    }
  }

  private move(alert: Bound, state: AlertStateCode, cause: number, time: number, seq: number): void {
    const before = alert.state;
    alert.state = state;
    alert.since = time;
    if (state === AlertState.FIRING) alert.remindedAt = time;
    const wasSeen = alert.acknowledgedBy !== 0;
    alert.acknowledgedBy = 0;
    const isNews =
      state === AlertState.FIRING ||
      before === AlertState.FIRING ||
      state === AlertState.ERROR ||
      (state === AlertState.NO_DATA && before !== AlertState.NO_DATA);
    this.tell(alert, before, cause, time, seq, isNews || wasSeen);
  }

  private tell(alert: Bound, before: AlertStateCode, cause: number, time: number, seq: number, isNews: boolean): void {
    const notifies = isNews && time >= alert.silencedUntil;
    this.onChange({ alert, before, cause, time, seq, number: ++this.changes, notifies });
  }
}

function compared(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '==':
      return left === right;
    default:
      return left !== right;
  }
}
