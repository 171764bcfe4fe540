import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../gateway/metrics/exposition.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for: string;
  severity: string;
  runbook: string;
}

/** The rules of the file, which has one shape; a line of another is refused. */
function rulesOf(text: string): Rule[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.slice(0, 3)).toEqual(['groups:', '  - name: volfilter', '    rules:']);
  const shape = [
    /^ {6}- alert: (\w+)$/,
    /^ {8}expr: (\S.*)$/,
    /^ {8}for: (\d+[smh])$/,
    /^ {8}labels:$/,
    /^ {10}severity: (page|ticket)$/,
    /^ {8}annotations:$/,
    /^ {10}summary: '[^']+'$/,
    /^ {10}runbook: (\S+)$/,
  ];
  const body = lines.slice(3);
  expect(body.length % shape.length).toBe(0);
  return Array.from({ length: body.length / shape.length }, (_, rule) => {
    const found = shape.map((line, place) => {
      const text = body[rule * shape.length + place]!;
      expect(text).toMatch(line);
      return line.exec(text)![1] ?? '';
    });
    return { alert: found[0]!, expr: found[1]!, for: found[2]!, severity: found[4]!, runbook: found[7]! };
  });
}

/** What a query may name of a family: histograms have three names. */
const series = new Map(
  FAMILIES.flatMap(({ name, type, labels }) =>
    type === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((end) => [name + end, labels] as const)
      : [[name, labels] as const],
  ),
);

describe('the alerts', () => {
  const rules = rulesOf(read('deploy/prometheus/rules.yml'));

  it('are more than a few, each of another name', () => {
    expect(rules.length).toBeGreaterThan(15);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(rules)('$alert asks for metrics that there are, by labels that they have', ({ expr }) => {
    const named = [...expr.matchAll(/\b(volfilter_\w+|up)\b(?:\{(\w+)=)?/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, name, label] of named) {
      if (name === 'up') continue;
      expect(series.has(name!), name).toBe(true);
      if (label !== undefined) expect(series.get(name!), name).toContain(label);
    }
    for (const [open, close] of ['()', '{}', '[]']) expect(expr.split(open!).length).toBe(expr.split(close!).length);
  });

  it.each(rules)('$alert has a runbook', ({ alert, runbook }) => {
    const [file, anchor] = runbook.split('#');
    expect(read(file!)).toContain(`\n### ${alert}\n`);
    expect(anchor).toBe(alert.toLowerCase());
  });

  it('have no runbook without an alert', () => {
    const told = [...read('docs/operations.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(told).toEqual(rules.map(({ alert }) => alert));
  });
});

describe('what is deployed', () => {
  it('is scraped where the gateway listens', () => {
    const text = read('deploy/prometheus/prometheus.yml');
    expect(text).toContain("targets: ['127.0.0.1:8790']");
    expect(text).toContain('metrics_path: /metrics');
    expect(existsSync(join(root, 'deploy/prometheus', /^ {2}- (\S+)$/m.exec(text)![1]!))).toBe(true);
  });
});
