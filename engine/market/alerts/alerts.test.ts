import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlertEngine, type AlertTransition, parseRule, parseRules, RuleSyntaxError } from './index.js';

const SECOND = 1e6;

/** An engine with rules, told metrics second by second; its transitions as `alert:state` texts. */
function engineWith(rules: string) {
  const transitions: AlertTransition[] = [];
  const states: string[] = [];
  const names = ['', 'normal', 'pending', 'firing', 'no data', 'error'];
  const engine = new AlertEngine((transition) => {
    transitions.push({ ...transition });
    states.push(`${transition.time / SECOND} ${transition.alert.name} ${names[transition.alert.state]}`);
  });
  engine.setRules(parseRules(rules), 0, 1);
  let seq = 1;
  const at = (second: number, values: Record<string, number> = {}): void => {
    for (const [name, value] of Object.entries(values))
      engine.publish(engine.metrics.place(name), value, second * SECOND);
    engine.evaluate(second * SECOND, ++seq);
  };
  return { engine, transitions, states, at };
}

describe('a rule', () => {
  it('is a condition with what is to be done about it', () => {
    const rule = parseRule(
      'high-vol: atm_vol.btc.30d > 80% for 60s until atm_vol.btc.30d < 0.75 severity critical nodata 2m remind 1h to log, desk',
    );
    expect(rule).toMatchObject({
      name: 'high-vol',
      forSeconds: 60,
      severity: 'critical',
      noDataSeconds: 120,
      remindSeconds: 3600,
      sinks: ['log', 'desk'],
    });
    expect(rule.condition).toEqual({
      kind: 'compare',
      operator: '>',
      left: { kind: 'metric', name: 'atm_vol.btc.30d' },
      right: { kind: 'number', value: 0.8 },
    });
  });

  it('knows the order of operations', () => {
    const { condition } = parseRule('r: a.b + 2 * -a.c > 1 or not a.d == 0 and (a.e < 3 or a.f > 4)');
    expect(condition).toMatchObject({
      kind: 'or',
      right: { kind: 'and', left: { kind: 'not' }, right: { kind: 'or' } },
    });
    expect(condition).toMatchObject({ left: { left: { operator: '+', right: { operator: '*' } } } });
  });

  it.each([
    ['high-vol: atm_vol.btc.30d >', 27, 'expected a metric, a number or a function, found the end'],
    ['high-vol: atm_vol.btc.30d 0.8', 26, "expected a comparison (> >= < <= == !=), found '0.8'"],
    ['high-vol: atm_vol > 1', 10, "a metric's name has parts"],
    ['high-vol: a.b > 1 for 60', 22, "expected a time such as 60s, 5m or 2h, found '60'"],
    ['high-vol: a.b > 1 for 60y', 24, "there is no unit 'y'"],
    ['high-vol: a.b > 1 fro 60s', 18, "expected for, until, severity, nodata, remind, to or the end, found 'fro'"],
    ['high-vol: a.b > 1 severity bad', 27, "expected notice, warning, critical, found 'bad'"],
    ['high-vol a.b > 1', 9, "expected ':', found 'a.b'"],
    ['high-vol: (a.b > 1', 18, "expected ')', found the end"],
    ['high-vol: median(a.b, 5m) > 1', 10, "there is no function 'median'"],
    ['high-vol: abs(a.b, 2) > 1', 20, 'abs takes 1 numbers, found 2'],
    ['high-vol: a.b > 1 for 1s for 2s', 25, "'for' was said already"],
    ['high-vol: 1 > 2', 10, 'a rule must watch a metric'],
    ['for: a.b > 1', 0, "'for' cannot be a rule's name"],
    ['high-vol: a.b > $', 16, "'$' means nothing here"],
  ])('that is wrong is pointed at: %s', (text, at, message) => {
    let error: unknown;
    try {
      parseRule(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RuleSyntaxError);
    const { at: found, message: said } = error as RuleSyntaxError;
    expect(said).toContain(message);
    expect(found).toBe(at);
    // The caret stands below the character, both indented by two.
    const [, line, caret] = said.split('\n');
    expect(line).toBe(`  ${text}`);
    expect(caret).toBe(`  ${' '.repeat(at)}^`);
  });

  it('is told by its line in a file', () => {
    expect(() => parseRules('# rules\n\na: x.y > 1\nb: x.y >')).toThrow(/^line 4, character 9:/);
    expect(() => parseRules('a: x.y > 1\na: x.y > 2')).toThrow(/there is a rule 'a' already/);
  });

  it('of any text is read or refused at a character of it, never worse', () => {
    const piece = fc.constantFrom(
      'a.b',
      ' ',
      '>',
      '(',
      ')',
      'not',
      'for',
      '60s',
      '5',
      '%',
      '*',
      ',',
      ':',
      'r',
      'avg',
      '-',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = `r: ${pieces.join('')}`;
        try {
          parseRule(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleSyntaxError);
          expect((error as RuleSyntaxError).at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an alert', () => {
  it('is pending until its condition has held long enough, and normal again when it holds no longer', () => {
    const { at, states } = engineWith('v: vol.btc > 0.8 for 60s');
    at(1, { 'vol.btc': 0.7 });
    at(10, { 'vol.btc': 0.9 });
    at(69, { 'vol.btc': 0.9 });
    at(70, {});
    at(80, { 'vol.btc': 0.7 });
    expect(states).toEqual(['1 v normal', '10 v pending', '70 v firing', '80 v normal']);
  });

  it('forgets what it waited for when the condition breaks off', () => {
    const { at, states } = engineWith('v: vol.btc > 0.8 for 60s');
    at(10, { 'vol.btc': 0.9 });
    at(50, { 'vol.btc': 0.7 });
    at(60, { 'vol.btc': 0.9 });
    at(100, { 'vol.btc': 0.9 });
    expect(states).toEqual(['10 v pending', '50 v normal', '60 v pending']);
  });

  it('goes on until its own end where it has one', () => {
    const { at, states } = engineWith('v: vol.btc > 0.8 until vol.btc < 0.6');
    for (const [second, value] of [0.9, 0.7, 0.5].entries()) at(second + 1, { 'vol.btc': value });
    expect(states).toEqual(['1 v firing', '3 v normal']);
  });

  it('says that there is no data, by silence or by NaN, and that a number cannot be computed', () => {
    const { at, states, transitions } = engineWith('v: vol.btc / iv.btc > 2 nodata 30s');
    at(1, { 'vol.btc': 0.9, 'iv.btc': 0.5 });
    at(2, { 'iv.btc': 0 });
    at(3, { 'iv.btc': 0.5 });
    at(40, {});
    at(41, { 'vol.btc': 0.9, 'iv.btc': 0.5 });
    at(42, { 'iv.btc': Number.NaN });
    expect(states).toEqual(['1 v normal', '2 v error', '3 v normal', '40 v no data', '41 v normal', '42 v no data']);
    expect(transitions.map(({ notifies }) => notifies)).toEqual([false, true, false, true, false, true]);
  });

  it('keeps the numbers that decided', () => {
    const { at, transitions } = engineWith('v: a.x > 1 and b.x < 5');
    at(1, { 'a.x': 2, 'b.x': 9 });
    at(2, { 'b.x': 4 });
    expect(transitions.map(({ alert: { found, bound } }) => [found, bound])).toEqual([
      [4, 5],
      [4, 5],
    ]);
  });

  it('is told again while nobody acknowledges it, and not while it is silenced', () => {
    const { at, engine, transitions } = engineWith('v: vol.btc > 0.8 remind 10s nodata 1h');
    at(1, { 'vol.btc': 0.9 });
    at(11, {});
    expect(engine.acknowledge(0, 7, 12 * SECOND, 99)).toBe(true);
    at(30, {});
    engine.silence(0, 100 * SECOND, 31 * SECOND, 99);
    at(32, { 'vol.btc': 0.5 });
    at(33, { 'vol.btc': 0.9 });
    at(101, { 'vol.btc': 0.5 });
    expect(transitions.map(({ notifies }) => notifies)).toEqual([true, true, false, false, false, false, true]);
    expect(engine.acknowledge(0, 7, 102 * SECOND, 99)).toBe(false);
    expect(engine.acknowledge(9, 7, 102 * SECOND, 99)).toBe(false);
  });

  it('is kept for every metric that a * fits', () => {
    const { at, states } = engineWith('frozen: frozen.* > 3');
    at(1, { 'frozen.btc': 5, 'frozen.eth': 0, 'other.btc': 9 });
    at(2, { 'frozen.eth': 4 });
    expect(states).toEqual(['1 frozen.btc firing', '1 frozen.eth normal', '2 frozen.eth firing']);
  });

  it('survives a change of the rules when its own is written as before, and ends with it otherwise', () => {
    const { at, engine, states } = engineWith('a: x.y > 1\nb: x.y > 2');
    at(1, { 'x.y': 3 });
    engine.setRules(parseRules('a: x.y > 1\nb: x.y > 5'), 2 * SECOND, 50);
    at(3, { 'x.y': 3 });
    expect(states).toEqual(['1 a firing', '1 b firing', '2 b normal', '3 b normal']);
    expect(engine.list().map(({ name, number }) => [name, number])).toEqual([
      ['a', 0],
      ['b', 2],
    ]);
  });
});

describe('functions over time', () => {
  it('look back so many seconds, from the value that was in force then', () => {
    const { at, transitions } = engineWith(
      ['c: change(p.x, 10s) > 4', 'a: avg(p.x, 10s) > 100', 'l: low(p.x, 10s) > 100', 'h: high(p.x, 10s) > 100'].join(
        '\n',
      ),
    );
    for (let second = 0; second <= 30; second++) at(second, { 'p.x': second < 15 ? 100 : 105 });
    const found = (name: string, second: number): number =>
      transitions.filter(({ alert, time }) => alert.name === name && time <= second * SECOND).length;
    expect(found('c', 14)).toBe(1);
    expect(found('c', 15)).toBe(2);
    expect(found('c', 26)).toBe(3);
    expect(found('h', 15)).toBe(2);
    expect(found('a', 15)).toBe(2);
    expect(found('l', 24)).toBe(1);
    expect(found('l', 26)).toBe(2);
  });
});

describe('the alerts of a log', () => {
  it('are the same in every run', () => {
    const run = (): string[] => {
      const { at, states } = engineWith(
        'v: vol.btc > 0.8 for 3s until vol.btc < 0.5\nc: abs(change(vol.btc, 5s)) > 0.4 nodata 2s',
      );
      let random = 1;
      for (let second = 1; second < 2000; second++) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        at(second, random % 7 === 0 ? {} : { 'vol.btc': random / 4294967296 });
      }
      return states;
    };
    const first = run();
    expect(first.length).toBeGreaterThan(100);
    expect(run()).toEqual(first);
  });
});
