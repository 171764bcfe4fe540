import type { Target } from '../command/target.js';
import { h } from '../dom.js';
import * as dashboards from '../layout/dashboards.js';
import * as tree from '../layout/tree.js';
import { pages } from '../pages/registry.js';
import { type Desk, Pane } from './pane.js';

const NARROW_PX = 700;
/** Layouts that Escape leads back to. */
const MOST_BACK = 50;
const codes = new Set(pages.map(({ code }) => code));

interface OpenPane {
  pane: Pane;
  path: tree.Path;
}

/** The panes of the screen, one of which has the focus: split, closed, turned to other pages, and kept for the next time. */
export class Workspace {
  readonly element = h('main', 'room');
  /** What is wrong with the layout that was kept, if anything. */
  readonly trouble: string;
  private readonly desk: Desk;
  private layout: tree.Layout;
  private open: OpenPane[] = [];
  private focused = 0;
  private zoomed = false;
  private readonly back: tree.Layout[] = [];
  private readonly narrow = matchMedia(`(max-width: ${NARROW_PX}px)`);
  /** A pane was chosen while nothing on the screen had the keyboard. */
  private readonly isFree: () => void;

  constructor(desk: Desk, isFree: () => void) {
    this.desk = desk;
    this.isFree = isFree;
    const { layout, trouble } = dashboards.startingLayout(codes, this.narrow.matches);
    this.layout = layout;
    this.trouble = trouble;
    new ResizeObserver(() => this.resized()).observe(this.element);
    this.narrow.addEventListener('change', () => {
      this.layout = dashboards.startingLayout(codes, this.narrow.matches).layout;
      this.rebuild();
    });
  }

  get panes(): readonly Pane[] {
    return this.open.map(({ pane }) => pane);
  }

  /** Those that can be seen: behind one that has all the room there is nothing to draw. */
  get seenPanes(): readonly Pane[] {
    return this.zoomed ? [this.focusedPane] : this.panes;
  }

  get focusedPane(): Pane {
    return this.open[this.focused]!.pane;
  }

  hasPage(code: string): boolean {
    return codes.has(code);
  }

  /** Makes every pane anew, as the layout has it. */
  rebuild(): void {
    for (const { pane } of this.open) pane.close();
    this.open = [];
    this.element.replaceChildren(this.build(this.layout, []));
    this.zoomed = false;
    this.focus(Math.min(this.focused, this.open.length - 1));
  }

  /** Shows another page in the focused pane. */
  turnTo(page: string, target: Target, words: readonly string[]): void {
    const at = this.open[this.focused]!;
    this.back.push(this.layout);
    if (this.back.length > MOST_BACK) this.back.shift();
    this.layout = tree.replaced(this.layout, at.path, { page, target });
    this.keep();
    const pane = this.newPane({ page, target }, words);
    at.pane.element.replaceWith(pane.element);
    at.pane.close();
    this.adopt(pane, this.focused, at.path);
    this.focus(this.focused);
  }

  split(way: 'row' | 'column', page: string): void {
    const { target } = this.focusedPane;
    this.relayout(tree.split(this.layout, this.path, way, { page, target }), this.focused + 1);
  }

  closeFocused(): void {
    this.relayout(tree.closed(this.layout, this.path), Math.max(0, this.focused - 1));
  }

  /** Gives the focused pane all the room, or takes it back. */
  zoom(zoomed = !this.zoomed): void {
    this.zoomed = zoomed;
    this.arrange();
  }

  /** Moves the focused pane's edge by a step. @param key an arrow's */
  moveEdge(key: string): void {
    const way = key === 'ArrowLeft' || key === 'ArrowRight' ? 'row' : 'column';
    const by = key === 'ArrowLeft' || key === 'ArrowUp' ? -0.05 : 0.05;
    this.layout = tree.resized(this.layout, this.path, way, by);
    this.keep();
    this.rebuild();
  }

  goBack(): void {
    const before = this.back.pop();
    if (before === undefined) return;
    this.layout = before;
    this.keep();
    this.rebuild();
  }

  reset(): void {
    this.relayout(this.narrow.matches ? dashboards.NARROW : dashboards.builtIn.get('DESK')!, 0);
  }

  /** @returns what went wrong, in words; empty where nothing did */
  async load(name: string): Promise<string> {
    const loaded = await dashboards.loadNamed(name, codes);
    if (typeof loaded === 'string') return loaded;
    this.relayout(loaded, 0);
    return '';
  }

  /** @returns what was done, in words */
  async saveAs(name: string): Promise<string> {
    const trouble = await dashboards.saveAs(name, this.layout);
    return `saved as ${name}${trouble === '' ? '' : `, in this browser alone: ${trouble}`}: LOAD ${name} <GO>`;
  }

  /** An address that opens these panes. */
  get address(): string {
    return dashboards.sharedAddress(this.layout);
  }

  /** @param move whether the keyboard may follow */
  focus(place: number, move = true): void {
    if (this.open[place] === undefined) return;
    this.focused = place;
    this.arrange();
    if (move && document.activeElement === document.body) this.isFree();
  }

  focusNext(): void {
    this.focus((this.focused + 1) % this.open.length);
  }

  resized(): void {
    for (const { pane } of this.open) pane.resized();
  }

  private get path(): tree.Path {
    return this.open[this.focused]?.path ?? [];
  }

  private relayout(layout: tree.Layout, focused: number): void {
    this.back.push(this.layout);
    this.layout = layout;
    this.focused = focused;
    this.keep();
    this.rebuild();
  }

  private keep(): void {
    dashboards.keepLayout(this.layout, this.narrow.matches);
  }

  private build(layout: tree.Layout, path: tree.Path): HTMLElement {
    if (!tree.isSplit(layout)) {
      const pane = this.newPane(layout, []);
      this.adopt(pane, this.open.length, path);
      return pane.element;
    }
    const element = h('div', `split ${layout.way}`, [
      this.build(layout.first, [...path, 0]),
      this.build(layout.second, [...path, 1]),
    ]);
    element.style.setProperty('--share', String(layout.share));
    return element;
  }

  private newPane({ page, target }: tree.PaneSpec, words: readonly string[]): Pane {
    return new Pane(this.desk, pages.find(({ code }) => code === page)!, target, words);
  }

  private adopt(pane: Pane, at: number, path: tree.Path): void {
    this.open[at] = { pane, path };
    pane.element.addEventListener('pointerdown', () =>
      this.focus(
        this.open.findIndex((one) => one.pane === pane),
        false,
      ),
    );
  }

  private arrange(): void {
    this.element.classList.toggle('zoomed', this.zoomed);
    for (const [place, { pane }] of this.open.entries()) {
      pane.element.classList.toggle('focused', place === this.focused);
      pane.resized();
    }
  }
}
