import type { Target } from '../command/target.js';
import { ask } from '../net/http.js';
import { formatLayout, type Layout, type PaneSpec, parseLayout } from './tree.js';

const pane = (page: string, target: Target = {}): PaneSpec => ({ page, target });

/** Dashboards that are always there. */
export const builtIn: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  [
    'DESK',
    {
      way: 'row',
      share: 0.58,
      first: { way: 'column', share: 0.36, first: pane('HOME'), second: pane('QUOT') },
      second: { way: 'column', share: 0.55, first: pane('SURF'), second: pane('PNL') },
    },
  ],
  [
    'QUOTING',
    {
      way: 'row',
      share: 0.6,
      first: pane('QUOT'),
      second: { way: 'column', share: 0.5, first: pane('ORD'), second: pane('FILL') },
    },
  ],
  [
    'RISK',
    {
      way: 'row',
      share: 0.5,
      first: { way: 'column', share: 0.5, first: pane('RISK'), second: pane('SCEN') },
      second: { way: 'column', share: 0.5, first: pane('PNL'), second: pane('LIM') },
    },
  ],
  [
    'WALL',
    {
      way: 'row',
      share: 0.5,
      first: { way: 'column', share: 0.5, first: pane('HOME'), second: pane('PNL') },
      second: { way: 'column', share: 0.5, first: pane('SURF'), second: pane('LAT') },
    },
  ],
]);

/** A narrow screen has room for one pane. */
export const NARROW: Layout = pane('HOME');

const CURRENT = 'volfilter.layout';
const NAMED = 'volfilter.layout.';

/** The layout that was shown last, that of the address, or the first; and what is wrong with the saved one, if anything. */
export function startingLayout(pages: ReadonlySet<string>, narrow: boolean): { layout: Layout; trouble: string } {
  const first = narrow ? NARROW : builtIn.get('DESK')!;
  const shared = new URLSearchParams(location.search).get('panes');
  const saved = shared ?? localStorage.getItem(narrow ? `${CURRENT}.narrow` : CURRENT);
  if (saved === null) return { layout: first, trouble: '' };
  const layout = parseLayout(saved, pages);
  if (typeof layout !== 'string') return { layout, trouble: '' };
  return { layout: first, trouble: `the saved dashboard cannot be shown: ${layout}` };
}

export function keepLayout(layout: Layout, narrow: boolean): void {
  localStorage.setItem(narrow ? `${CURRENT}.narrow` : CURRENT, formatLayout(layout));
}

/** Keeps a dashboard in this browser and with the gateway. @returns why other screens will not have it; empty where they will */
export async function saveAs(name: string, layout: Layout): Promise<string> {
  const text = formatLayout(layout);
  localStorage.setItem(NAMED + name, text);
  const { ok, words } = await ask('PUT', `/api/v1/dashboards/${encodeURIComponent(name)}`, { layout: text });
  return ok ? '' : words;
}

/** Takes over the dashboards that the user saved on other screens. */
export async function fetchSaved(): Promise<void> {
  const { ok, body } = await ask('GET', '/api/v1/dashboards');
  const saved = ok ? (body as { dashboards?: Record<string, unknown> } | undefined)?.dashboards : undefined;
  for (const [name, text] of Object.entries(saved ?? {})) {
    if (typeof text === 'string') localStorage.setItem(NAMED + name, text);
  }
}

/** A dashboard by its name, or why there is none. */
export async function loadNamed(name: string, pages: ReadonlySet<string>): Promise<Layout | string> {
  if (!builtIn.has(name)) await fetchSaved();
  const saved = localStorage.getItem(NAMED + name);
  if (saved !== null) return parseLayout(saved, pages);
  return builtIn.get(name) ?? `there is no dashboard '${name}'; there are ${names().join(', ')}`;
}

export function names(): string[] {
  const own = Object.keys(localStorage)
    .filter((key) => key.startsWith(NAMED))
    .map((key) => key.slice(NAMED.length));
  return [...new Set([...builtIn.keys(), ...own])].filter((name) => name !== 'narrow');
}

/** An address that shows these panes to whoever opens it. */
export function sharedAddress(layout: Layout): string {
  const address = new URL(location.href);
  address.search = new URLSearchParams({ panes: formatLayout(layout) }).toString();
  address.hash = '';
  return address.href;
}
