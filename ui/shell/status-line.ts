import { h, setText } from '../dom.js';
import type { Connection } from '../net/connection.js';
import { engine } from '../topics/first.js';
import type { KillSwitch } from './kill-switch.js';

const engineStates = ['starting', 'active', 'reducing', 'halted'];

/** The first line of the screen: the connection, the engine, and who is signed in. */
export class StatusLine {
  readonly element = h('span', 'status-text');
  private readonly connection: Connection;
  private readonly killSwitch: KillSwitch;
  private readonly engine;

  constructor(connection: Connection, killSwitch: KillSwitch) {
    this.connection = connection;
    this.killSwitch = killSwitch;
    this.engine = connection.store.open(engine);
  }

  tell(now: number): void {
    const { state, trouble, user, role } = this.connection;
    const { rows } = this.engine;
    const row = 'row' in rows ? rows.row(0) : undefined;
    const fresh = !this.engine.isStale(now);
    const words =
      row === undefined ? 'engine unknown' : `engine ${engineStates[row.state()] ?? '?'}${fresh ? '' : ' (STALE)'}`;
    setText(
      this.element,
      `${state.toUpperCase()} · ${words}${user === '' ? '' : ` · ${user} ${role}`}${trouble === '' ? '' : ` · ${trouble}`}`,
    );
    this.element.classList.toggle('bad', state !== 'live' || !fresh || row?.state() !== 1);
    const killed = row !== undefined && row.killed() !== 0 && 'texts' in rows;
    this.killSwitch.tell(killed ? (rows.texts[0] ?? '') : undefined);
  }
}
