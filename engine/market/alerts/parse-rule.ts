import {
  type AlertRule,
  type AlertSeverity,
  type Comparison,
  type Condition,
  type Expression,
  metricsOf,
  severities,
  type WindowFunction,
  windowFunctions,
} from './rule.js';
import { RuleSyntaxError, type Token, tokensOf } from './rule-text.js';

const COMPARISONS: readonly string[] = ['>', '>=', '<', '<=', '==', '!='];
const CLAUSES = ['for', 'until', 'severity', 'nodata', 'remind', 'to'];
const KEYWORDS = [...CLAUSES, 'and', 'or', 'not'];
const PLAIN_FUNCTIONS: Record<string, { least: number; most: number }> = {
  abs: { least: 1, most: 1 },
  min: { least: 2, most: 8 },
  max: { least: 2, most: 8 },
};
const DEEPEST = 32;
const DEFAULT_NO_DATA_SECONDS = 60;

/**
 * Reads one rule:
 *
 *     name: condition [for 60s] [until condition] [severity notice|warning|critical] [nodata 60s] [remind 1h] [to sink, sink]
 *
 * A condition compares numbers computed from metrics: `atm_vol.btc.30d > 0.8 and not (regime.btc < 2)`, with + - * /, abs, min,
 * max, and avg, low, high, change of a metric over a time: `change(price.btc, 5m) / price.btc < -2%`. A `*` stands for one part
 * of a name: the rule is then kept for each metric that fits. Throws a RuleSyntaxError that points at the character.
 */
export function parseRule(text: string, line = 1): AlertRule {
  return new Parser(text, line).rule();
}

/** Reads rules, one a line; empty lines and comments from # on are passed over. Names must differ. */
export function parseRules(text: string): AlertRule[] {
  const rules: AlertRule[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() === '' || content.trim().startsWith('#')) continue;
    const rule = parseRule(content, index + 1);
    if (rules.some(({ name }) => name === rule.name)) {
      throw new RuleSyntaxError(
        content,
        content.indexOf(rule.name),
        `there is a rule '${rule.name}' already`,
        index + 1,
      );
    }
    rules.push(rule);
  }
  return rules;
}

class Parser {
  private readonly text: string;
  private readonly line: number;
  private readonly tokens: Token[];
  private place = 0;
  private depth = 0;

  constructor(text: string, line: number) {
    this.text = text;
    this.line = line;
    this.tokens = tokensOf(text, line);
  }

  rule(): AlertRule {
    const name = this.take('name', "a rule's name");
    if (name.text.includes('.') || KEYWORDS.includes(name.text))
      this.fail(name, `'${name.text}' cannot be a rule's name`);
    this.symbol(':');
    const from = this.next().at;
    const condition = this.condition();
    const rule: AlertRule = {
      name: name.text,
      text: '',
      condition,
      forSeconds: 0,
      severity: 'warning',
      noDataSeconds: DEFAULT_NO_DATA_SECONDS,
      remindSeconds: 0,
      sinks: [],
    };
    const given = new Set<string>();
    while (this.next().kind !== 'end') {
      const clause = this.next();
      if (!CLAUSES.includes(clause.text))
        this.fail(clause, `expected ${listed(CLAUSES)} or the end, found '${clause.text}'`);
      if (given.has(clause.text)) this.fail(clause, `'${clause.text}' was said already`);
      given.add(clause.text);
      this.place++;
      this.clause(clause.text, rule);
    }
    if (metricsOf(rule).length === 0) this.fail(this.tokens[2]!, 'a rule must watch a metric');
    rule.text = this.text.slice(from, this.next().at).trim();
    return rule;
  }

  private clause(name: string, rule: AlertRule): void {
    if (name === 'for') rule.forSeconds = this.duration();
    else if (name === 'nodata') rule.noDataSeconds = this.duration();
    else if (name === 'remind') rule.remindSeconds = this.duration();
    else if (name === 'until') rule.until = this.condition();
    else if (name === 'severity') rule.severity = this.severity();
    else {
      rule.sinks.push(this.take('name', "a sink's name").text);
      while (this.isSymbol(',')) {
        this.place++;
        rule.sinks.push(this.take('name', "a sink's name").text);
      }
    }
  }

  private severity(): AlertSeverity {
    const token = this.take('name', listed(severities));
    const found = severities.find((known) => known === token.text);
    if (found === undefined) this.fail(token, `expected ${listed(severities)}, found '${token.text}'`);
    return found;
  }

  private duration(): number {
    return this.take('duration', 'a time such as 60s, 5m or 2h').value;
  }

  private condition(): Condition {
    let left = this.conjunction();
    while (this.isName('or')) {
      this.place++;
      left = { kind: 'or', left, right: this.conjunction() };
    }
    return left;
  }

  private conjunction(): Condition {
    let left = this.negation();
    while (this.isName('and')) {
      this.place++;
      left = { kind: 'and', left, right: this.negation() };
    }
    return left;
  }

  private negation(): Condition {
    if (this.isName('not')) {
      this.place++;
      return this.nested(() => ({ kind: 'not', operand: this.negation() }));
    }
    if (!this.opensCondition()) return this.comparison();
    this.place++;
    const inner = this.nested(() => this.condition());
    this.symbol(')');
    return inner;
  }

  /** Whether the parenthesis that comes holds a condition, and not a number: whether a comparison stands in it. */
  private opensCondition(): boolean {
    if (!this.isSymbol('(')) return false;
    let depth = 0;
    for (let place = this.place; place < this.tokens.length; place++) {
      const { kind, text } = this.tokens[place]!;
      if (kind === 'symbol' && text === '(') depth++;
      if (kind === 'symbol' && text === ')' && --depth === 0) return false;
      if ((kind === 'symbol' && COMPARISONS.includes(text)) || (kind === 'name' && text === 'not')) return true;
    }
    return false;
  }

  private comparison(): Condition {
    const left = this.sum();
    const operator = this.next();
    if (!COMPARISONS.includes(operator.text)) {
      this.fail(operator, `expected a comparison (${COMPARISONS.join(' ')}), found ${shown(operator)}`);
    }
    this.place++;
    return { kind: 'compare', operator: operator.text as Comparison, left, right: this.sum() };
  }

  private sum(): Expression {
    let left = this.product();
    while (this.isSymbol('+') || this.isSymbol('-')) {
      const operator = this.tokens[this.place++]!.text as '+' | '-';
      left = { kind: 'binary', operator, left, right: this.product() };
    }
    return left;
  }

  private product(): Expression {
    let left = this.factor();
    while (this.isSymbol('*') || this.isSymbol('/')) {
      const operator = this.tokens[this.place++]!.text as '*' | '/';
      left = { kind: 'binary', operator, left, right: this.factor() };
    }
    return left;
  }

  private factor(): Expression {
    const token = this.next();
    if (this.isSymbol('-')) {
      this.place++;
      const right = this.nested(() => this.factor());
      return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right };
    }
    if (this.isSymbol('(')) {
      this.place++;
      const inner = this.nested(() => this.sum());
      this.symbol(')');
      return inner;
    }
    if (token.kind === 'number' || token.kind === 'duration') {
      this.place++;
      return { kind: 'number', value: token.value };
    }
    if (token.kind !== 'name' || KEYWORDS.includes(token.text)) {
      this.fail(token, `expected a metric, a number or a function, found ${shown(token)}`);
    }
    this.place++;
    if (this.isSymbol('(')) return this.call(token);
    return { kind: 'metric', name: this.metric(token) };
  }

  private call(name: Token): Expression {
    this.symbol('(');
    const overTime = windowFunctions.find((known) => known === name.text);
    if (overTime !== undefined) return this.window(overTime);
    const plain = PLAIN_FUNCTIONS[name.text];
    if (plain === undefined) {
      this.fail(
        name,
        `there is no function '${name.text}'; there are: ${[...Object.keys(PLAIN_FUNCTIONS), ...windowFunctions].join(', ')}`,
      );
    }
    const operands = [this.nested(() => this.sum())];
    while (this.isSymbol(',')) {
      this.place++;
      operands.push(this.nested(() => this.sum()));
    }
    const end = this.next();
    this.symbol(')');
    if (operands.length < plain.least || operands.length > plain.most) {
      const wanted = plain.least === plain.most ? String(plain.least) : `${plain.least} to ${plain.most}`;
      this.fail(end, `${name.text} takes ${wanted} numbers, found ${operands.length}`);
    }
    return { kind: 'call', function: name.text as 'abs' | 'min' | 'max', operands };
  }

  private window(windowed: WindowFunction): Expression {
    const token = this.take('name', 'a metric');
    const name = this.metric(token);
    this.symbol(',');
    const end = this.next();
    const seconds = this.duration();
    if (!(seconds > 0)) this.fail(end, 'the time must be longer than nothing');
    this.symbol(')');
    return { kind: 'window', function: windowed, name, seconds };
  }

  private metric(token: Token): string {
    if (!token.text.includes('.')) {
      this.fail(token, `a metric's name has parts, such as atm_vol.btc.30d; found '${token.text}'`);
    }
    if (token.text.split('*').length > 2) this.fail(token, 'a name can hold one * only');
    return token.text;
  }

  private nested<T>(inner: () => T): T {
    if (++this.depth > DEEPEST) this.fail(this.next(), `the rule is nested more than ${DEEPEST} deep`);
    const value = inner();
    this.depth--;
    return value;
  }

  private next(): Token {
    return this.tokens[this.place]!;
  }

  private isSymbol(text: string): boolean {
    return this.next().kind === 'symbol' && this.next().text === text;
  }

  private isName(text: string): boolean {
    return this.next().kind === 'name' && this.next().text === text;
  }

  private symbol(text: string): void {
    if (!this.isSymbol(text)) this.fail(this.next(), `expected '${text}', found ${shown(this.next())}`);
    this.place++;
  }

  private take(kind: Token['kind'], what: string): Token {
    const token = this.next();
    if (token.kind !== kind) this.fail(token, `expected ${what}, found ${shown(token)}`);
    this.place++;
    return token;
  }

  private fail(token: Token, message: string): never {
    throw new RuleSyntaxError(this.text, token.at, message, this.line);
  }
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `'${text}'`;
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}
