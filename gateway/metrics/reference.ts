import { FAMILIES } from './exposition.js';

/** The table of docs/metrics.md, which a test holds to the families. */
export function metricsTable(): string {
  const rows = FAMILIES.map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |\n`;
  });
  return `| metric | type | labels | meaning |\n|---|---|---|---|\n${rows.join('')}`;
}
