import { expect, it } from 'vitest';
import { resultCsv, shownText } from './result-table.js';

it('shows a difference of two prices without the noise of its last bits, and saves it as it is', () => {
  const edge = 0.0235 - 0.0205;
  expect(String(edge)).not.toBe('0.003');
  expect(shownText(edge)).toBe('0.003');
  expect(shownText(179595748182512)).toBe(String(179595748182512));
  expect(shownText(null)).toBe('');
  expect(resultCsv([{ name: 'edge' }], [[edge]])).toBe(`edge\n${edge}`);
});
