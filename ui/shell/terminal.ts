import { parseCommand } from '../command/parse.js';
import { expiryName, type Target } from '../command/target.js';
import { button, download, h, setText } from '../dom.js';
import { rowBudget } from '../grid/row-budget.js';
import * as dashboards from '../layout/dashboards.js';
import * as tree from '../layout/tree.js';
import type { Connection } from '../net/connection.js';
import { command } from '../net/http.js';
import { actions, functions, pages } from '../pages/registry.js';
import { Markets } from '../store/markets.js';
import { engine as engineTopic } from '../topics/first.js';
import { CommandLine } from './command-line.js';
import { confirmation } from './confirmation.js';
import { KillSwitch } from './kill-switch.js';
import { Pane } from './pane.js';
import { frameTimes } from './perf.js';
import { isTheme, setTheme } from './theme.js';

const engineStates = ['starting', 'active', 'reducing', 'halted'];
const NARROW_PX = 700;
/** Time after which charts are loaded whether or not a row has come. */
const LONGEST_BEGIN_MS = 1000;
const codes = new Set(pages.map(({ code }) => code));

interface OpenPane {
  pane: Pane;
  path: tree.Path;
}

/** The whole screen: status, panes, command line. */
export class Terminal {
  readonly connection: Connection;
  readonly markets: Markets;
  readonly begun: Promise<void>;
  private begin: () => void = () => {};
  private readonly room = h('main', 'room');
  private readonly status = h('span', 'status-text');
  private readonly killSwitch = new KillSwitch((words) => this.say(words));
  private readonly line: CommandLine;
  private layout: tree.Layout;
  private open: OpenPane[] = [];
  private focused = 0;
  private zoomed = false;
  private paused = false;
  private readonly recent: string[] = [];
  private readonly back: tree.Layout[] = [];
  private readonly narrow = matchMedia(`(max-width: ${NARROW_PX}px)`);
  private readonly engine;
  private kiosk: ReturnType<typeof setInterval> | undefined;
  private measuredAt = 0;
  private sentTime = 0;

  constructor(connection: Connection) {
    this.connection = connection;
    this.begun = new Promise((resolve) => {
      this.begin = resolve;
      setTimeout(resolve, LONGEST_BEGIN_MS);
    });
    this.markets = new Markets(connection.store);
    this.engine = connection.store.open(engineTopic);
    this.line = new CommandLine(
      {
        functions,
        underlyings: () => this.markets.underlyings,
        expiries: () => this.markets.underlyings.flatMap((name) => this.markets.expiries(name).map(expiryName)),
        recent: () => this.recent,
      },
      (line) => this.run(line),
    );
    const kill = button('KILL', () => void this.killSwitch.kill('the button'), 'kill');
    kill.title = 'Stop everything now (hold Shift+Esc)';
    const menu = button('MENU', () => this.run('HELP'), 'menu');
    // In the place of what stood there before the first line of this ran.
    document.body.replaceChildren(
      h('header', 'status', [h('b', '', ['volfilter']), this.status, menu, kill]),
      this.killSwitch.alarm,
      this.room,
      this.line.element,
    );
    const { layout, trouble } = dashboards.startingLayout(codes, this.narrow.matches);
    this.layout = layout;
    this.line.say(trouble);
    this.rebuild();
    connection.onState = () => {
      this.tellStatus(performance.now());
      // At once: what is shown must not look fresh for even a second longer.
      for (const { pane } of this.open) pane.tellAge(performance.now(), this.paused);
    };
    document.addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('keyup', (event) => {
      if (event.key === 'Escape' || event.key === 'Shift') this.killSwitch.release();
    });
    document.addEventListener('visibilitychange', () => connection.setHidden(document.hidden));
    new ResizeObserver(() => {
      for (const { pane } of this.open) pane.resized();
    }).observe(this.room);
    this.narrow.addEventListener('change', () => {
      this.layout = dashboards.startingLayout(codes, this.narrow.matches).layout;
      this.rebuild();
    });
    requestAnimationFrame((now) => this.frame(now));
  }

  say(words: string): void {
    this.line.say(words);
  }

  confirm(question: string): Promise<boolean> {
    return confirmation(question);
  }

  /** Does what a line says. */
  run(line: string): void {
    const parsed = parseCommand(line, functions, this.markets.underlyings);
    if (parsed.kind === 'nothing') return;
    if (parsed.kind === 'error') this.say(parsed.message);
    else if (parsed.kind === 'choice') this.focus(parsed.number - 1);
    else if (parsed.kind === 'target')
      this.turnTo(this.focusedPane.entry.code, { ...this.focusedPane.target, ...parsed.target }, []);
    else this.call(parsed.code, parsed.target, parsed.words);
  }

  private call(code: string, target: Target, words: string[]): void {
    if (this.recent[0] !== code) this.recent.unshift(code);
    this.recent.length = Math.min(this.recent.length, 12);
    if (codes.has(code)) {
      // What was not said stays as it was: SMILE after ETH OMON is the smile of ETH.
      const { underlying, expiry } = this.focusedPane.target;
      const kept = target.underlying === undefined && target.expiry === undefined ? { underlying, expiry } : {};
      this.turnTo(code, definedOnly({ ...kept, ...target }), words);
    } else if (actions.some((action) => action.code === code)) void this.act(code, words);
  }

  private async act(code: string, words: string[]): Promise<void> {
    const path = this.open[this.focused]?.path ?? [];
    const name = (words[0] ?? '').toUpperCase();
    const { entry, target } = this.focusedPane;
    switch (code) {
      case 'KILL':
        return this.killSwitch.kill('the command line');
      case 'PAUSE':
        return this.command('/api/v1/quoting/pause', 'quoting is being paused');
      case 'RESUME':
        return this.command('/api/v1/quoting/resume', 'quoting is being resumed');
      case 'FLATTEN':
        return this.command('/api/v1/risk/state', 'positions are being closed', { action: 'flatten' });
      case 'RIGHT':
      case 'DOWN':
        if (name !== '' && !codes.has(name)) return this.say(`there is no page '${name}'`);
        return this.relayout(
          tree.split(this.layout, path, code === 'RIGHT' ? 'row' : 'column', { page: name || entry.code, target }),
          this.focused + 1,
        );
      case 'CLOSE':
        return this.relayout(tree.closed(this.layout, path), Math.max(0, this.focused - 1));
      case 'ZOOM':
        this.zoomed = !this.zoomed;
        return this.arrange();
      case 'SAVE':
        if (name === '') return this.say('SAVE needs a name');
        return this.say(await this.saveAs(name));
      case 'LOAD': {
        const loaded = await dashboards.loadNamed(name, codes);
        return typeof loaded === 'string' ? this.say(loaded) : this.relayout(loaded, 0);
      }
      case 'SHARE':
        await navigator.clipboard?.writeText(dashboards.sharedAddress(this.layout));
        return this.say('the address of these panes is copied');
      case 'RESET':
        return this.relayout(this.narrow.matches ? dashboards.NARROW : dashboards.builtIn.get('DESK')!, 0);
      case 'THEME':
        if (!isTheme(name.toLowerCase())) return this.say('THEME AMBER, SAFE or LIGHT');
        setTheme(name.toLowerCase());
        for (const { pane } of this.open) pane.resized();
        return;
      case 'KIOSK':
        return this.startKiosk(Number(words[0] ?? 20));
      case 'PNG': {
        const picture = this.focusedPane.picture();
        if (picture === undefined) return this.say(`${entry.code} has no chart to save; CSV saves its table`);
        return picture.toBlob((image) => {
          if (image !== null) download(`volfilter-${entry.code.toLowerCase()}.png`, image);
        });
      }
      case 'CSV': {
        const text = this.focusedPane.page?.csv?.();
        if (text === undefined) return this.say(`${entry.code} has no table to save`);
        return download(`volfilter-${entry.code.toLowerCase()}.csv`, new Blob([text], { type: 'text/csv' }));
      }
    }
  }

  private async saveAs(name: string): Promise<string> {
    const trouble = await dashboards.saveAs(name, this.layout);
    return `saved as ${name}${trouble === '' ? '' : `, in this browser alone: ${trouble}`}: LOAD ${name} <GO>`;
  }

  private async command(path: string, words: string, body: object = {}): Promise<void> {
    this.say('sent, waiting for the answer');
    const { ok, status, words: answer } = await command('POST', path, body, confirmation);
    if (ok) this.say(words);
    else this.say(`NOT CONFIRMED: ${answer}${status === 401 ? '. Sign in: SET <GO>' : ''}`);
  }

  private get focusedPane(): Pane {
    return this.open[this.focused]!.pane;
  }

  private turnTo(page: string, target: Target, words: readonly string[]): void {
    const at = this.open[this.focused]!;
    this.back.push(this.layout);
    if (this.back.length > 50) this.back.shift();
    this.layout = tree.replaced(this.layout, at.path, { page, target });
    this.keep();
    const pane = new Pane(this, pages.find(({ code }) => code === page)!, target, words);
    at.pane.element.replaceWith(pane.element);
    at.pane.close();
    this.adopt(pane, this.focused, at.path);
    this.focus(this.focused);
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

  private rebuild(): void {
    for (const { pane } of this.open) pane.close();
    this.open = [];
    this.room.replaceChildren(this.build(this.layout, []));
    this.zoomed = false;
    this.focus(Math.min(this.focused, this.open.length - 1));
  }

  private build(layout: tree.Layout, path: tree.Path): HTMLElement {
    if (!tree.isSplit(layout)) {
      const pane = new Pane(this, pages.find(({ code }) => code === layout.page)!, layout.target, []);
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

  private adopt(pane: Pane, at: number, path: tree.Path): void {
    this.open[at] = { pane, path };
    pane.element.addEventListener('pointerdown', () =>
      this.focus(
        this.open.findIndex((one) => one.pane === pane),
        false,
      ),
    );
  }

  private focus(place: number, move = true): void {
    if (this.open[place] === undefined) return;
    this.focused = place;
    this.arrange();
    if (move && document.activeElement === document.body) this.line.focus();
  }

  private arrange(): void {
    this.room.classList.toggle('zoomed', this.zoomed);
    for (const [place, { pane }] of this.open.entries()) {
      pane.element.classList.toggle('focused', place === this.focused);
      pane.resized();
    }
  }

  private key(event: KeyboardEvent): void {
    if (this.kiosk !== undefined) this.endKiosk();
    const { key, altKey, ctrlKey, shiftKey } = event;
    if (key === 'Escape' && shiftKey) {
      this.killSwitch.hold();
      event.preventDefault();
      return;
    }
    const typing = (event.target as HTMLElement).matches('input, select, textarea');
    if (altKey && /^[1-9]$/.test(key)) this.focus(Number(key) - 1);
    else if (altKey && key.toLowerCase() === 'z') void this.act('ZOOM', []);
    else if (altKey && shiftKey && key.startsWith('Arrow')) this.resize(key);
    else if (key === 'F1') this.run(`HELP ${this.focusedPane.entry.code}`);
    else if (ctrlKey && key === 'k') this.line.focus();
    else if (typing) return;
    else if (this.focusedPane.page?.key?.(event)) event.stopPropagation();
    else if (key === '.') this.paused = !this.paused;
    else if (key === '?') this.run('HELP');
    else if (key === 'Escape') this.goBack();
    else if (key === '/') this.line.focus();
    else if (key.length === 1 && !altKey && !ctrlKey && !event.metaKey) {
      // The letter goes into the line, since it has the focus by the time that it is written.
      this.line.focus();
      return;
    } else return;
    event.preventDefault();
  }

  private goBack(): void {
    const before = this.back.pop();
    if (before === undefined) return;
    this.layout = before;
    this.keep();
    this.rebuild();
  }

  private resize(key: string): void {
    const way = key === 'ArrowLeft' || key === 'ArrowRight' ? 'row' : 'column';
    const by = key === 'ArrowLeft' || key === 'ArrowUp' ? -0.05 : 0.05;
    this.layout = tree.resized(this.layout, this.open[this.focused]!.path, way, by);
    this.keep();
    this.rebuild();
  }

  private startKiosk(seconds: number): void {
    if (!(seconds >= 3)) {
      this.say('KIOSK turns the pages every 3 seconds or more');
      return;
    }
    this.zoomed = true;
    this.line.element.classList.add('away');
    this.kiosk = setInterval(() => this.focus((this.focused + 1) % this.open.length), seconds * 1000);
    this.arrange();
  }

  private endKiosk(): void {
    clearInterval(this.kiosk);
    this.kiosk = undefined;
    this.zoomed = false;
    this.line.element.classList.remove('away');
    this.arrange();
  }

  private frame(now: number): void {
    requestAnimationFrame((next) => this.frame(next));
    const started = performance.now();
    if (started - this.measuredAt >= 1000) {
      this.measuredAt = started;
      this.connection.store.measure(started);
      this.tellStatus(started);
    }
    rowBudget.begin(started);
    for (const { pane } of this.open) pane.draw(started, this.paused);
    rowBudget.end();
    if (this.open.every(({ pane }) => pane.hasShown || pane.entry.isChart)) this.begin();
    const { sentTime } = this.connection;
    if (sentTime !== this.sentTime) {
      this.sentTime = sentTime;
      // On one host both clocks are the same; elsewhere their difference is in it.
      const glass = Date.now() - sentTime / 1000;
      frameTimes.glass = Number.isNaN(frameTimes.glass) ? glass : 0.9 * frameTimes.glass + 0.1 * glass;
    }
    this.connection.painted(now);
    frameTimes.add(performance.now() - started);
  }

  private tellStatus(now: number): void {
    const { state, trouble, user, role } = this.connection;
    const row = 'row' in this.engine.rows ? this.engine.rows.row(0) : undefined;
    const fresh = !this.engine.isStale(now);
    const words =
      row === undefined ? 'engine unknown' : `engine ${engineStates[row.state()] ?? '?'}${fresh ? '' : ' (STALE)'}`;
    setText(
      this.status,
      `${state.toUpperCase()} · ${words}${user === '' ? '' : ` · ${user} ${role}`}${trouble === '' ? '' : ` · ${trouble}`}`,
    );
    this.status.classList.toggle('bad', state !== 'live' || !fresh || row?.state() !== 1);
    const killed = row !== undefined && row.killed() !== 0 && 'texts' in this.engine.rows;
    this.killSwitch.tell(killed && 'texts' in this.engine.rows ? (this.engine.rows.texts[0] ?? '') : undefined);
  }
}

function definedOnly(target: { [K in keyof Target]: Target[K] | undefined }): Target {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined)) as Target;
}
