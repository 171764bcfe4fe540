import type { ConnectionReport } from '../../../schemas/generated/connection-report.js';
import type { MmpReport } from '../../../schemas/generated/mmp-report.js';
import type { Cells } from './cells.js';
import { Armed, ConnectionRole, ConnectionState, MmpState, NotReady, TradingStateCode } from './codes.js';

/** Connections and protection groups that are told apart. */
export const MOST_CONNECTIONS = 32;
const MOST_GROUPS = 32;

const STATE = 0;
const ROLE = 1;
const ARMED = 2;
const CELLS = 3;

export interface ReadinessSettings {
  /** Nothing is sent as a quote before protection is armed. */
  needsMmp: boolean;
}

/** What execution reported of its connections and of the venue's protection: whether orders can be trusted to go, and to die. */
export class Readiness {
  private readonly connections: Int32Array;
  /** Of each protection group, its MmpState. */
  private readonly groups: Int32Array;
  private readonly needsMmp: boolean;
  /** Worked out when something has changed: it is asked for with every report. */
  private isKnown = false;
  private connected = false;
  private triggered = false;
  private bits = 0;

  constructor(cells: Cells, settings: ReadinessSettings) {
    this.connections = cells.int32(MOST_CONNECTIONS * CELLS, 'connections', { STATE, ROLE, ARMED });
    this.groups = cells.int32(MOST_GROUPS, 'groups');
    this.needsMmp = settings.needsMmp;
  }

  /** The cells are those of a snapshot. */
  onRestore(): void {
    this.isKnown = false;
  }

  /** The engine that had the connections is gone. */
  forget(): void {
    this.isKnown = false;
    this.connections.fill(0);
    this.groups.fill(0);
  }

  onConnection(report: ConnectionReport): void {
    this.isKnown = false;
    const connection = report.connection();
    if (connection >= MOST_CONNECTIONS) return;
    const at = connection * CELLS;
    this.connections[at + STATE] = report.state();
    this.connections[at + ROLE] = report.role();
    this.connections[at + ARMED] = report.state() === ConnectionState.DOWN ? 0 : report.armed();
  }

  onMmp(report: MmpReport): void {
    this.isKnown = false;
    if (report.group() < MOST_GROUPS) this.groups[report.group()] = report.state();
  }

  /** Whether every connection that sends or carries the private stream is ready, and there is one of each. */
  get isConnected(): boolean {
    if (!this.isKnown) this.workOut();
    return this.connected;
  }

  private workOut(): void {
    this.isKnown = true;
    this.connected = this.areConnected();
    this.triggered = this.isAnyTriggered();
    this.bits = this.reasonsNow();
  }

  private areConnected(): boolean {
    let roles = 0;
    for (let connection = 0; connection < MOST_CONNECTIONS; connection++) {
      const at = connection * CELLS;
      if (this.connections[at + STATE] === 0) continue;
      if (this.connections[at + STATE] !== ConnectionState.READY) return false;
      roles |= this.connections[at + ROLE]!;
    }
    return roles === (ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM);
  }

  armedOf(connection: number): number {
    return connection < MOST_CONNECTIONS ? this.connections[connection * CELLS + ARMED]! : 0;
  }

  /** Bits that every sending connection has armed. */
  get armed(): number {
    let armed = Armed.CANCEL_ON_DISCONNECT | Armed.MMP | Armed.MASS_QUOTES;
    let any = false;
    for (let connection = 0; connection < MOST_CONNECTIONS; connection++) {
      const at = connection * CELLS;
      if (this.connections[at + STATE] === 0 || (this.connections[at + ROLE]! & ConnectionRole.SENDS) === 0) continue;
      armed &= this.connections[at + ARMED]!;
      any = true;
    }
    return any ? armed : 0;
  }

  isTriggered(group: number): boolean {
    return group < MOST_GROUPS && this.groups[group] === MmpState.TRIGGERED;
  }

  get anyTriggered(): boolean {
    if (!this.isKnown) this.workOut();
    return this.triggered;
  }

  private isAnyTriggered(): boolean {
    for (let group = 0; group < MOST_GROUPS; group++) if (this.groups[group] === MmpState.TRIGGERED) return true;
    return false;
  }

  /** Bits of NotReady that are its to know. A triggered group stops its own quotes only, and is told beside. */
  get reasons(): number {
    if (!this.isKnown) this.workOut();
    return this.bits;
  }

  private reasonsNow(): number {
    if (!this.connected) return NotReady.NO_CONNECTION;
    const { armed } = this;
    let reasons = 0;
    if ((armed & Armed.CANCEL_ON_DISCONNECT) === 0) reasons |= NotReady.CANCEL_ON_DISCONNECT;
    if (this.needsMmp && (armed & Armed.MMP) === 0) reasons |= NotReady.MMP_NOT_ARMED;
    return reasons;
  }
}

/** Bits that are told and stop nothing by themselves. */
const ONLY_TOLD = NotReady.MMP_TRIGGERED;
const UNTIL_RECONCILED = NotReady.NEVER_RECONCILED | NotReady.RECONCILING | NotReady.RECONCILE_FAILED;

/** The state that bits of NotReady make. */
export function tradingStateOf(reasons: number): number {
  if ((reasons & NotReady.NO_CONNECTION) !== 0) return TradingStateCode.NOT_CONNECTED;
  if ((reasons & UNTIL_RECONCILED) !== 0) return TradingStateCode.RECONCILING;
  return (reasons & ~ONLY_TOLD) === 0 ? TradingStateCode.READY : TradingStateCode.DEGRADED;
}
