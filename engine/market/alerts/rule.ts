/** A number that a rule computes. Windows are in seconds. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'metric'; name: string }
  | { kind: 'window'; function: WindowFunction; name: string; seconds: number }
  | { kind: 'call'; function: 'abs' | 'min' | 'max'; operands: Expression[] }
  | { kind: 'binary'; operator: '+' | '-' | '*' | '/'; left: Expression; right: Expression };

export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';

export type Condition =
  | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; operand: Condition };

/** What is taken over the last so many seconds of a metric. */
export const windowFunctions = ['avg', 'low', 'high', 'change'] as const;
export type WindowFunction = (typeof windowFunctions)[number];

export const severities = ['notice', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof severities)[number];

/** One rule of the alerts. Times are in seconds. */
export interface AlertRule {
  name: string;
  /** The rule as it was written, without its name. */
  text: string;
  condition: Condition;
  /** How long the condition must hold before the rule fires. */
  forSeconds: number;
  /** What ends the alert; by default that the condition holds no longer. */
  until?: Condition;
  severity: AlertSeverity;
  /** A metric that is older than this is missing. */
  noDataSeconds: number;
  /** A rule that goes on firing, and that nobody has acknowledged, is told again so often; 0 for never. */
  remindSeconds: number;
  /** Names of the sinks that are told; none: all of them. */
  sinks: string[];
}

/** Every metric that a rule names, each once, in the order of the text. */
export function metricsOf({ condition, until }: Pick<AlertRule, 'condition' | 'until'>): string[] {
  const names: string[] = [];
  const add = (name: string): void => {
    if (!names.includes(name)) names.push(name);
  };
  const ofExpression = (expression: Expression): void => {
    if (expression.kind === 'metric' || expression.kind === 'window') add(expression.name);
    else if (expression.kind === 'call') expression.operands.forEach(ofExpression);
    else if (expression.kind === 'binary') {
      ofExpression(expression.left);
      ofExpression(expression.right);
    }
  };
  const ofCondition = (one: Condition): void => {
    if (one.kind === 'compare') {
      ofExpression(one.left);
      ofExpression(one.right);
    } else if (one.kind === 'not') ofCondition(one.operand);
    else {
      ofCondition(one.left);
      ofCondition(one.right);
    }
  };
  ofCondition(condition);
  if (until !== undefined) ofCondition(until);
  return names;
}

/** The same rule with `*` in its metrics replaced. */
export function boundTo(rule: AlertRule, part: string): AlertRule {
  const name = (text: string): string => text.replace('*', part);
  const expression = (one: Expression): Expression => {
    switch (one.kind) {
      case 'number':
        return one;
      case 'metric':
      case 'window':
        return { ...one, name: name(one.name) };
      case 'call':
        return { ...one, operands: one.operands.map(expression) };
      case 'binary':
        return { ...one, left: expression(one.left), right: expression(one.right) };
    }
  };
  const condition = (one: Condition): Condition => {
    if (one.kind === 'compare') return { ...one, left: expression(one.left), right: expression(one.right) };
    if (one.kind === 'not') return { ...one, operand: condition(one.operand) };
    return { ...one, left: condition(one.left), right: condition(one.right) };
  };
  const bound: AlertRule = { ...rule, condition: condition(rule.condition) };
  if (rule.until !== undefined) bound.until = condition(rule.until);
  return bound;
}
