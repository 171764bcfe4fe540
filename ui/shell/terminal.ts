import { parseCommand } from '../command/parse.js';
import { expiryName, type Target, turned } from '../command/target.js';
import { button, h } from '../dom.js';
import { rowBudget } from '../grid/row-budget.js';
import type { Connection } from '../net/connection.js';
import { functions } from '../pages/registry.js';
import { Markets } from '../store/markets.js';
import { CommandLine } from './command-line.js';
import { confirmation } from './confirmation.js';
import { hearKeys } from './keyboard.js';
import { KillSwitch } from './kill-switch.js';
import { Kiosk } from './kiosk.js';
import { ownActions } from './own-actions.js';
import type { Desk } from './pane.js';
import { frameTimes } from './perf.js';
import { hearPrinting } from './printing.js';
import { StatusLine } from './status-line.js';
import { Workspace } from './workspace.js';

/** Time after which charts are loaded whether or not a row has come. */
const LONGEST_BEGIN_MS = 1000;
const MEASURE_MS = 1000;
/** Between two looks at what grows old by itself. A frame that draws nothing is left out: it costs as much as half of one that does. */
const IDLE_MS = 250;
/** Functions that completion offers first. */
const MOST_RECENT = 12;

/** The whole screen: status, panes, command line. */
export class Terminal implements Desk {
  readonly connection: Connection;
  readonly markets: Markets;
  readonly begun: Promise<void>;
  private begin: () => void = () => {};
  private readonly status: StatusLine;
  private readonly line: CommandLine;
  private readonly workspace: Workspace;
  private readonly actions: ReturnType<typeof ownActions>;
  /** The display stands still. */
  private paused = false;
  private readonly recent: string[] = [];
  private measuredAt = 0;
  private sentTime = 0;
  /** A frame is on its way. */
  private isWoken = false;
  /** A key was pressed since the last frame. */
  private isTyped = false;
  /** The last frame drew no pane: the next one does, whatever is typed. */
  private wasAside = false;

  constructor(connection: Connection) {
    this.connection = connection;
    this.begun = new Promise((resolve) => {
      this.begin = resolve;
      setTimeout(resolve, LONGEST_BEGIN_MS);
    });
    this.markets = new Markets(connection.store);
    const killSwitch = new KillSwitch((words) => this.say(words));
    this.status = new StatusLine(connection, killSwitch);
    this.line = new CommandLine(
      {
        functions,
        underlyings: () => this.markets.underlyings,
        expiries: () => this.markets.underlyings.flatMap((name) => this.markets.expiries(name).map(expiryName)),
        recent: () => this.recent,
      },
      (line) => this.run(line),
    );
    const workspace = new Workspace(this, () => this.line.focus());
    const kiosk = new Kiosk(workspace, this.line.element);
    this.workspace = workspace;
    this.actions = ownActions({ workspace, killSwitch, kiosk, say: (words) => this.say(words) });
    const kill = button('KILL', () => void killSwitch.kill('the button'), 'kill');
    kill.title = 'Stop everything now (hold Shift+Esc)';
    const menu = button('MENU', () => this.run('HELP'), 'menu');
    // In the place of what stood there before the first line of this ran.
    document.body.replaceChildren(
      h('header', 'status', [h('b', '', ['volfilter']), this.status.element, menu, kill]),
      killSwitch.alarm,
      workspace.element,
      this.line.element,
    );
    this.say(workspace.trouble);
    workspace.rebuild();
    connection.onState = () => {
      this.status.tell(performance.now());
      // At once: what is shown must not look fresh for even a second longer.
      for (const pane of workspace.panes) pane.tellAge(performance.now(), this.paused);
    };
    hearKeys({
      workspace,
      killSwitch,
      kiosk,
      line: () => this.line.focus(),
      run: (line) => this.run(line),
      pause: () => {
        this.paused = !this.paused;
      },
      wake: () => {
        this.isTyped = true;
        this.wake();
      },
    });
    hearPrinting(workspace);
    document.addEventListener('visibilitychange', () => connection.setHidden(document.hidden));
    connection.onRows = () => this.wake();
    setInterval(() => this.wake(), IDLE_MS);
  }

  wake(): void {
    if (this.isWoken) return;
    this.isWoken = true;
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
    const { workspace } = this;
    const parsed = parseCommand(line, functions, this.markets.underlyings);
    if (parsed.kind === 'nothing') return;
    if (parsed.kind === 'error') this.say(parsed.message);
    else if (parsed.kind === 'choice') {
      if (workspace.panes[parsed.number - 1] === undefined) this.say(`there is no pane ${parsed.number}`);
      workspace.focus(parsed.number - 1);
    } else if (parsed.kind === 'target') {
      const { entry, target } = workspace.focusedPane;
      workspace.turnTo(entry.code, turned(target, parsed.target), []);
    } else this.call(parsed.code, parsed.target, parsed.words);
  }

  private call(code: string, target: Target, words: string[]): void {
    const { workspace } = this;
    if (this.recent[0] !== code) this.recent.unshift(code);
    this.recent.length = Math.min(this.recent.length, MOST_RECENT);
    if (!workspace.hasPage(code)) {
      void this.actions[code]?.(words);
      return;
    }
    // What was not said stays as it was: SMILE after ETH OMON is the smile of ETH.
    const { underlying, expiry } = workspace.focusedPane.target;
    const kept = target.underlying === undefined && target.expiry === undefined ? { underlying, expiry } : {};
    workspace.turnTo(code, turned(definedOnly(kept), target), words);
  }

  private frame(now: number): void {
    this.isWoken = false;
    const started = performance.now();
    const { connection, paused } = this;
    const { seenPanes: panes } = this.workspace;
    const isToTell = started - this.measuredAt >= MEASURE_MS;
    if (isToTell) {
      this.measuredAt = started;
      connection.store.measure(started);
      this.status.tell(started);
      for (const pane of panes) pane.tellAge(started, paused);
    }
    // What a browser puts together anew is the rectangle around all that has changed: the line below or the heads above together with a row would be the whole screen.
    const isAside = (isToTell || this.isTyped) && !this.wasAside;
    this.isTyped = false;
    this.wasAside = isAside;
    if (isAside) {
      this.wake();
      return;
    }
    rowBudget.begin(started);
    for (const pane of panes) if (pane.draw(started, paused)) this.wake();
    rowBudget.end();
    if (panes.every((pane) => pane.hasShown || pane.entry.isChart)) this.begin();
    const { sentTime } = connection;
    if (sentTime !== this.sentTime) {
      this.sentTime = sentTime;
      // On one host both clocks are the same; elsewhere their difference is in it.
      const glass = Date.now() - sentTime / 1000;
      frameTimes.glass = Number.isNaN(frameTimes.glass) ? glass : 0.9 * frameTimes.glass + 0.1 * glass;
    }
    connection.painted(now);
    frameTimes.add(performance.now() - started);
  }
}

function definedOnly(target: { [K in keyof Target]: Target[K] | undefined }): Target {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined)) as Target;
}
