import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { actions, pages } from './registry.js';

it('has every page and action in docs/terminal.md as the registry has it', () => {
  const guide = readFileSync(new URL('../../docs/terminal.md', import.meta.url), 'utf8');
  const missing = [...pages, ...actions]
    .map(
      ({ code, usage, title, about }) => `| \`${code}\` | \`${usage.replaceAll('|', '\\|')}\` | ${title}: ${about} |`,
    )
    .filter((line) => !guide.includes(line));
  expect(missing).toEqual([]);
});
