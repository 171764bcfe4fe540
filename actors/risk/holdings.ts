import { isOption } from '../../engine/market/portfolio/contract.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { HELD, HELD_FIELDS } from '../../engine/market/risk/scenario-scan.js';
import { ExpiryExposure } from '../../schemas/generated/expiry-exposure.js';
import { Position } from '../../schemas/generated/position.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, type RiskMemory } from './risk-memory.js';

const YEAR_MICROS = 365 * 86_400e6;

/** What is held: positions, their Greeks by expiry and underlying, and the scenario scan over them. */
export class Holdings {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  /** What the scenario scan revalues; rebuilt at every step. */
  private readonly held: Float64Array;
  /** Instruments of which something is held, in their order: the sums of a scan are to be the same whatever came first. */
  private readonly heldIds: Int32Array;
  private heldCount = 0;
  private readonly position = new Position();
  private readonly ofExpiry = new ExpiryExposure();
  private readonly ofUnderlying = new UnderlyingExposure();

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
    this.held = new Float64Array(memory.config.instruments * HELD_FIELDS);
    this.heldIds = new Int32Array(memory.config.instruments);
  }

  onRestore(): void {
    const { table } = this.memory;
    this.heldCount = 0;
    for (let id = 0; id < table.capacity; id++) if (table.facts[id * FACT_FIELDS + FACT.POSITION] !== 0) this.hold(id);
  }

  onPosition(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const position = this.position.__init(body, buffer);
    const id = position.instrument();
    if (id >= table.capacity) return;
    const at = id * FACT_FIELDS + FACT.POSITION;
    const wasHeld = table.facts[at] !== 0;
    table.facts[at] = position.size();
    this.memory.margins.hold(id);
    const isHeld = table.facts[at] !== 0;
    if (isHeld && !wasHeld) this.hold(id);
    else if (wasHeld && !isHeld) this.letGo(id);
  }

  onExpiryExposure(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const told = this.ofExpiry.__init(body, buffer);
    const place = memory.places.find(told.underlying(), told.expiry());
    if (place < 0) return;
    const base = place * BASE_FIELDS;
    memory.ofExpiry[base + BASE.DELTA] = told.delta();
    memory.ofExpiry[base + BASE.VEGA] = told.vega();
    memory.ofExpiry[base + BASE.GAMMA] = told.gamma();
    memory.ofExpiry[base + BASE.SHORT] = told.shortAmount();
    memory.ofExpiry[base + BASE.PIN] = told.pinAmount();
  }

  onUnderlyingExposure(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const told = this.ofUnderlying.__init(body, buffer);
    const underlying = told.underlying();
    if (underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    memory.ofUnderlying[base + BASE.DELTA] = told.delta();
    memory.ofUnderlying[base + BASE.VEGA] = told.vega();
    memory.ofUnderlying[base + BASE.GAMMA] = told.gamma();
    let short = 0;
    let rho = 0;
    for (let place = 0; place < memory.places.size; place++) {
      if (memory.places.underlyings[place] !== underlying) continue;
      const row = place * BASE_FIELDS;
      short += memory.ofExpiry[row + BASE.SHORT]!;
      const years = (memory.places.times[place]! - this.now[0]!) / YEAR_MICROS;
      if (!(years > 0 && years < Number.POSITIVE_INFINITY)) continue;
      const forward = memory.ofExpiry[row + BASE.FORWARD]!;
      rho += memory.ofExpiry[row + BASE.DELTA]! * (forward > 0 ? forward : told.index()) * years;
    }
    memory.ofUnderlying[base + BASE.SHORT] = short;
    memory.rhos[underlying] = rho;
  }

  /** Gathers what is held for the scenario scan, and revalues it in one node of the grid. */
  scan(): void {
    const { memory, held, heldIds, now } = this;
    const { table } = memory;
    let count = 0;
    for (let place = 0; place < this.heldCount; place++) {
      const id = heldIds[place]!;
      const row = id * FACT_FIELDS;
      const size = table.facts[row + FACT.POSITION]!;
      const underlying = memory.underlyings.of(id);
      if (underlying < 0) continue;
      const isAnOption = isOption(table.contracts[id]!);
      const at = count * HELD_FIELDS;
      const forward = isAnOption
        ? memory.ofExpiry[memory.places.of(id) * BASE_FIELDS + BASE.FORWARD]!
        : table.facts[row + FACT.MARK]!;
      held[at + HELD.SIZE] = size;
      held[at + HELD.CONTRACT] = table.contracts[id]!;
      held[at + HELD.FORWARD] = forward > 0 ? forward : memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
      held[at + HELD.STRIKE] = table.facts[row + FACT.STRIKE]!;
      held[at + HELD.YEARS] = Math.max(0, (table.facts[row + FACT.EXPIRY]! - now[0]!) / YEAR_MICROS);
      held[at + HELD.VOLATILITY] = table.facts[row + FACT.VOLATILITY]!;
      held[at + HELD.RIGHT] = table.facts[row + FACT.RIGHT]!;
      held[at + HELD.INDEX] = memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
      held[at + HELD.UNDERLYING] = underlying;
      count++;
    }
    memory.scenarios.step(held, count);
  }

  /** Takes anew the sums over what is held, and the Greeks beside delta, vega and gamma of what is held and of what rests. */
  weigh(): void {
    const { memory, now } = this;
    memory.heldSums.begin();
    for (let place = 0; place < this.heldCount; place++) {
      const id = this.heldIds[place]!;
      const underlying = memory.underlyings.of(id);
      if (underlying >= 0) memory.heldSums.add(id, underlying, memory.ofUnderlying, BASE.INDEX, BASE_FIELDS);
    }
    memory.secondary.recompute(now, memory.ofExpiry, BASE.FORWARD, memory.ofUnderlying, BASE.INDEX, BASE_FIELDS);
  }

  private hold(id: number): void {
    const { heldIds } = this;
    let at = this.heldCount++;
    for (; at > 0 && heldIds[at - 1]! > id; at--) heldIds[at] = heldIds[at - 1]!;
    heldIds[at] = id;
  }

  private letGo(id: number): void {
    const { heldIds } = this;
    let at = 0;
    while (heldIds[at] !== id) at++;
    this.heldCount--;
    for (; at < this.heldCount; at++) heldIds[at] = heldIds[at + 1]!;
  }
}
