import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtIn } from './dashboards.js';
import { closed, formatLayout, isSplit, type Layout, panesOf, parseLayout, resized, split, swapped } from './tree.js';

const pages = new Set([
  'HOME',
  'OMON',
  'RISK',
  'QUOT',
  'ORD',
  'FILL',
  'SCEN',
  'PNL',
  'LIM',
  'SMILE',
  'PORT',
  'SURF',
  'LAT',
]);
const pane = fc.constantFrom(...pages).map((page): Layout => ({ page, target: {} }));
const layouts: fc.Arbitrary<Layout> = fc.letrec<{ layout: Layout }>((tie) => ({
  layout: fc.oneof(
    { maxDepth: 4 },
    pane,
    fc.record({
      way: fc.constantFrom('row' as const, 'column' as const),
      share: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      first: tie('layout'),
      second: tie('layout'),
    }),
  ),
})).layout;

describe('a layout', () => {
  it('is the same after it was saved', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        expect(parseLayout(formatLayout(layout), pages)).toEqual(layout);
      }),
    );
  });

  it('loses a pane that is closed, and gains one that is split off', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), (layout, pick) => {
        const panes = panesOf(layout);
        const { path } = panes[pick % panes.length]!;
        expect(panesOf(closed(layout, path)).length).toBe(Math.max(1, panes.length - 1));
        expect(panesOf(split(layout, path, 'row', { page: 'HOME', target: {} })).length).toBe(panes.length + 1);
        expect(panesOf(swapped(layout, path, panes[0]!.path)).length).toBe(panes.length);
      }),
    );
  });

  it('keeps every share between a tenth and nine', () => {
    const shares = (layout: Layout): number[] =>
      isSplit(layout) ? [layout.share, ...shares(layout.first), ...shares(layout.second)] : [];
    fc.assert(
      fc.property(layouts, fc.double({ min: -2, max: 2, noNaN: true }), (layout, by) => {
        const { path } = panesOf(layout).at(-1)!;
        for (const share of shares(resized(layout, path, 'row', by))) expect(share).toBeGreaterThanOrEqual(0.1);
      }),
    );
  });

  it.each([
    ['{', /no JSON/],
    ['{"version":2,"layout":{"page":"HOME"}}', /version 2/],
    ['{"version":1,"layout":{"page":"<img>"}}', /no page/],
    ['{"version":1,"layout":{"way":"row","share":7,"first":{"page":"HOME"},"second":{"page":"HOME"}}}', /share/],
    ['{"version":1,"layout":{"way":"spiral","share":0.5}}', /row or a column/],
    ['null', /version/],
  ])('of another make is refused: %s', (text, why) => {
    expect(parseLayout(text, pages)).toMatch(why);
  });

  it('takes nothing but a target from a saved target', () => {
    const saved =
      '{"version":1,"layout":{"page":"HOME","target":{"underlying":"BTC","expiry":"<b>","strike":-1,"right":"X","more":1}}}';
    expect(parseLayout(saved, pages)).toEqual({ page: 'HOME', target: { underlying: 'BTC' } });
  });

  it.each([...builtIn])('%s, which is always there, can be shown', (_name, layout) => {
    expect(parseLayout(formatLayout(layout), pages)).toEqual(layout);
  });
});
