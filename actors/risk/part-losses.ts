import { OrderFlag, Side } from '../../engine/market/orders/codes.js';
import { isInverse, isOption } from '../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { JUDGED_STRATEGIES } from '../../engine/market/risk/strategy-losses.js';
import { Fill } from '../../schemas/generated/fill.js';
import { Position } from '../../schemas/generated/position.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory, SCALAR } from './risk-memory.js';
import type { RiskScopes } from './risk-scopes.js';

/** Losses of one strategy and of one expiry: beyond its limit a part is reduced alone, until an operator says otherwise. */
export class PartLosses {
  private readonly memory: RiskMemory;
  private readonly scopes: RiskScopes;
  private readonly fill = new Fill();
  private readonly position = new Position();

  constructor(memory: RiskMemory, scopes: RiskScopes) {
    this.memory = memory;
    this.scopes = scopes;
  }

  onFill(buffer: ViewBuffer, body: number): void {
    const { strategyLosses, table } = this.memory;
    const fill = this.fill.__init(body, buffer);
    // What a person trades beside the engine is no strategy's.
    if (fill.instrument() >= table.capacity || (fill.flags() & OrderFlag.FOREIGN) !== 0) return;
    strategyLosses.fill[0] = fill.price();
    strategyLosses.fill[1] = fill.side() === Side.SELL ? -fill.amount() : fill.amount();
    strategyLosses.add(fill.strategy(), fill.instrument());
  }

  onPosition(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { profits, expiryProfits, table } = memory;
    const told = this.position.__init(body, buffer);
    const id = told.instrument();
    const place = memory.places.of(id);
    if (place < 0 || !isOption(table.contracts[id]!)) return;
    const underlying = memory.places.underlyings[place]!;
    const usd = isInverse(table.contracts[id]!) ? memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]! : 1;
    const profit = (told.realised() + told.unrealised() - told.fees() + told.funding()) * usd;
    // Without a mark a position has no profit yet: what was told of it before stands.
    if (Number.isNaN(profit)) return;
    expiryProfits[place]! += profit - profits[id]!;
    profits[id] = profit;
  }

  /** Judges one strategy and one expiry, and the next ones with the next step: of all that go too far in one event, no more are cancelled than there is room for. */
  onTimer(): void {
    const { scalars, places } = this.memory;
    this.judgeStrategy(scalars[SCALAR.STEPS]! % JUDGED_STRATEGIES);
    if (places.size > 0) this.judgeExpiry(scalars[SCALAR.STEPS]! % places.size);
  }

  private judgeStrategy(strategy: number): void {
    const { memory } = this;
    const { strategyLosses, limits } = memory;
    strategyLosses.value(strategy, memory.underlyings, memory.ofUnderlying, BASE.INDEX, BASE_FIELDS);
    const loss = strategyLosses.loss[0]!;
    const limit = limits[LIMIT.strategyLossUsd]!;
    if (!(loss > limit) || !this.isActive(StateScope.STRATEGY, strategy)) return;
    this.scopes.move(StateScope.STRATEGY, strategy, 0, RiskMode.REDUCING, RiskCode.STRATEGY_LOSS, 0, loss, limit);
  }

  private judgeExpiry(place: number): void {
    const { limits, places, expiryProfits } = this.memory;
    const loss = -expiryProfits[place]!;
    const limit = limits[LIMIT.expiryLossUsd]!;
    if (!(loss > limit) || !this.isActive(StateScope.EXPIRY, place)) return;
    const expiry = places.times[place]!;
    this.scopes.move(StateScope.EXPIRY, place, expiry, RiskMode.REDUCING, RiskCode.EXPIRY_LOSS, 0, loss, limit);
  }

  /** Whoever is reduced or halted already stays so. */
  private isActive(scope: number, key: number): boolean {
    const { states, flags } = this.memory;
    return flags[FLAG.HAS_LIMITS] === 1 && states.at(states.placeOf(scope, key)) === RiskMode.ACTIVE;
  }
}
