import { Armed, ConnectionRole, ConnectionState, CreditPool, MmpState } from '../../engine/market/orders/codes.js';
import type { ConnectionReport } from '../../schemas/generated/connection-report.js';
import type { MmpReport } from '../../schemas/generated/mmp-report.js';
import { type DispatchMemory, INT, IS_READY, MOST_GROUPS } from './dispatch-memory.js';

/** Requests that a connection takes from the same credits until it is ready. */
const ARMING_COST = 10;

/** What the venue lets through: connections, what is armed on them, and groups that its protection has frozen. */
export class VenueDoor {
  private readonly memory: DispatchMemory;
  private readonly now: Float64Array;

  constructor(memory: DispatchMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
  }

  onConnection(report: ConnectionReport): void {
    const { ints, connections, credits } = this.memory;
    const at = 2 * report.connection();
    if (at >= connections.length) return;
    const sends = (report.role() & ConnectionRole.SENDS) !== 0;
    connections[at] = sends ? 1 : 0;
    connections[at + 1] = report.state() === ConnectionState.READY ? report.armed() | IS_READY : 0;
    if (report.state() === ConnectionState.DOWN) ints[INT.ASKING] = 0;
    if (report.state() === ConnectionState.AUTHORISED) {
      credits.advance(this.now[0]!);
      credits.take(CreditPool.NON_MATCHING, ARMING_COST);
    }
    let all = Armed.MASS_QUOTES | Armed.MMP;
    let ready = false;
    let any = false;
    for (let each = 0; each < connections.length; each += 2) {
      if (connections[each] === 0) continue;
      any = true;
      all &= connections[each + 1]!;
      if ((connections[each + 1]! & IS_READY) !== 0) ready = true;
    }
    ints[INT.CAN_SEND] = ready ? 1 : 0;
    ints[INT.PROTECTED] = any && (all & Armed.MMP) !== 0 ? 1 : 0;
    ints[INT.MASS_QUOTES] = any && (all & Armed.MASS_QUOTES) !== 0 ? 1 : 0;
  }

  onMmp(report: MmpReport): void {
    const group = report.group();
    if (group >= MOST_GROUPS) return;
    const { frozenUntil } = this.memory;
    if (report.state() !== MmpState.TRIGGERED) frozenUntil[group] = 0;
    else if (report.frozenUntil() > 0) frozenUntil[group] = report.frozenUntil();
    else frozenUntil[group] = Number.POSITIVE_INFINITY;
  }

  isFrozen(group: number): boolean {
    return group < MOST_GROUPS && this.memory.frozenUntil[group]! > this.now[0]!;
  }
}
