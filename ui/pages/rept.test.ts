import { expect, it } from 'vitest';
import { shown } from './rept.js';

it('gives no sign to what rounds to nothing', () => {
  expect([shown(-0.001, 2), shown(-0.01, 2), shown(0.01, 2), shown(-12_345.6, 2)]).toEqual([
    '0.00',
    '-0.01',
    '0.01',
    '-12,346',
  ]);
});
