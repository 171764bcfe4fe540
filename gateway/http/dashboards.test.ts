import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DashboardStore, MOST_DASHBOARDS } from './dashboards.js';

it('dashboards outlive the gateway, are each user’s own, and are limited', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
  const path = join(folder, 'dashboards.json');
  const store = new DashboardStore(path);
  for (let at = 0; at < MOST_DASHBOARDS; at++) expect(store.put('ada', `D${at}`, `{"version":${at}}`)).toBe(true);
  expect(store.put('ada', 'ONE-MORE', '{}')).toBe(false);
  expect(store.put('ada', 'D0', '{"changed":1}')).toBe(true);
  expect(store.remove('bob', 'D1')).toBe(false);
  expect(store.remove('ada', 'D1')).toBe(true);
  const again = new DashboardStore(path);
  expect(again.of('ada')).toEqual(store.of('ada'));
  expect([again.of('ada').size, again.of('ada').get('D0')]).toEqual([MOST_DASHBOARDS - 1, '{"changed":1}']);
  expect(again.of('bob').size).toBe(0);
  rmSync(folder, { recursive: true });
});
