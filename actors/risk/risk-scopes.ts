import { Scope } from '../../engine/market/orders/codes.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { FLAG, type RiskMemory } from './risk-memory.js';
import type { RiskWriter } from './risk-writer.js';

/** Instruments whose orders are cancelled one by one when an expiry is halted. */
export const MOST_CANCELS = 256;

/** What an operator's action makes of a scope's state, by action. */
const MODE_AFTER: readonly (number | undefined)[] = [
  undefined,
  RiskMode.ACTIVE,
  RiskMode.REDUCING,
  RiskMode.HALTED,
  undefined,
  undefined,
  RiskMode.REDUCING,
];

/** States of the whole book and of its parts: what moves them, and what is cancelled when one moves. */
export class RiskScopes {
  private readonly memory: RiskMemory;
  private readonly writer: RiskWriter;
  private readonly command = new RiskCommand();

  constructor(memory: RiskMemory, writer: RiskWriter) {
    this.memory = memory;
    this.writer = writer;
  }

  /** A command in which CommandFaults has found nothing wrong. */
  onCommand(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const command = this.command.__init(body, buffer);
    const scope = command.scope();
    const action = command.action();
    const expiryPlace = scope === StateScope.EXPIRY ? memory.places.find(command.key(), command.expiry()) : -1;
    if (action === RiskAction.ARM) {
      memory.flags[FLAG.DISARMED] = 0;
      const mode = memory.states.at(0);
      this.writer.tellState(StateScope.EVERYTHING, 0, 0, mode, mode, 0, command.user());
      this.writer.showState(0);
    } else if (action === RiskAction.CANCEL_ALL) {
      this.cancelScope(scope, command.key(), expiryPlace, true);
    } else {
      const mode = MODE_AFTER[action];
      if (mode === undefined) return;
      const key = scope === StateScope.EXPIRY ? expiryPlace : command.key();
      this.move(scope, key, command.expiry(), mode, 0, command.user(), 0, 0);
    }
  }

  /** Moves a scope to a state as `turn` does, and takes away what may no longer rest. */
  move(...to: Parameters<RiskScopes['turn']>): void {
    const [scope, key, , mode] = to;
    if (this.turn(...to) && mode !== RiskMode.ACTIVE) this.cancelScope(scope, key, key, mode === RiskMode.HALTED);
  }

  /** Moves a scope to a state and tells it. @returns whether it was in another */
  turn(
    scope: number,
    key: number,
    expiry: number,
    mode: number,
    cause: number,
    user: number,
    found: number,
    limit: number,
  ): boolean {
    const { memory, writer } = this;
    const place = memory.states.placeOf(scope, key);
    if (place < 0 || memory.states.at(place) === mode) return false;
    const before = memory.states.move(place, mode);
    const told = writer.tellState(scope, scope === StateScope.EXPIRY ? 0 : key, expiry, mode, before, cause, user);
    told.mutate_found(found);
    told.mutate_limit(limit);
    if (place === 0) writer.showState(0);
    return true;
  }

  private cancelScope(scope: number, key: number, expiryPlace: number, ordersToo: boolean): void {
    const { memory, writer } = this;
    if (scope === StateScope.UNDERLYING) writer.cancel(Scope.UNDERLYING, key, 0, ordersToo);
    else if (scope !== StateScope.EXPIRY) writer.cancel(Scope.EVERYTHING, 0, 0, ordersToo);
    else {
      let cancels = 0;
      for (let id = 0; id < memory.table.capacity && cancels < MOST_CANCELS; id++) {
        if (memory.places.of(id) !== expiryPlace || expiryPlace < 0) continue;
        if (memory.resting.resting(id, false) <= 0 && memory.resting.resting(id, true) <= 0) continue;
        writer.cancel(Scope.INSTRUMENT, 0, id, ordersToo);
        cancels++;
      }
    }
  }
}
