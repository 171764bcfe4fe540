import type { Cells } from '../../engine/market/orders/cells.js';
import { EwmaFilter, StateTape, VolFilter } from '../../engine/quant/volatility/index.js';
import type { VolModel } from './filter-config.js';
import { BAR_SIZES } from './filter-state.js';

/** Bars of 1 s, 1 min, 15 min and 1 h in a day. */
export const BARS_PER_DAY: readonly number[] = [86_400, 1440, 96, 24];
/** Numbers that one filter's state takes, with room. */
const FILTER_CELLS = 1024;
/** Number of the order in which `VolFilter.carry` goes through a filter: to be raised when that changes, because a tape names no fields. */
const TAPE = 1;
const HAR_WEIGHT: Record<Exclude<VolModel, 'ewma'>, number> = { combination: 0.6, 'log-har': 1, 'two-factor': 0 };
const EWMA_DECAY = 0.94;

/** What the forecasts remember: every filter's tape, and the last forecast of each. */
export class ForecastMemory {
  readonly cells: readonly Float64Array[];
  readonly last: Float64Array;

  constructor(cells: Cells, underlyings: number) {
    const count = underlyings * BAR_SIZES;
    this.cells = Array.from({ length: count }, () => cells.float64(FILTER_CELLS, 'filter tape', { TAPE }));
    this.last = cells.float64(count, 'last forecasts');
  }
}

/** Forecasts of realised variance by bars of four sizes, for every underlying; the filters' state is kept in the actor's. */
export class VolForecasts {
  /** In: time of a bar in milliseconds, its variance and its log return. Out, at 0: the expected variance of the next one; NaN for none. */
  readonly bar = new Float64Array(3);
  private readonly filters: readonly VolFilter[];
  private readonly averages: readonly EwmaFilter[];
  private readonly written: readonly StateTape[];
  private readonly cells: readonly Float64Array[];
  private readonly last: Float64Array;
  private readonly isEwma: boolean;

  constructor({ cells, last }: ForecastMemory, model: VolModel) {
    const count = last.length;
    this.isEwma = model === 'ewma';
    const harWeight = model === 'ewma' ? HAR_WEIGHT.combination : HAR_WEIGHT[model];
    this.cells = cells;
    this.last = last;
    this.filters = Array.from(
      { length: count },
      (_, index) => new VolFilter({ barsPerDay: BARS_PER_DAY[index % BAR_SIZES]!, harWeight }),
    );
    this.averages = Array.from({ length: count }, () => new EwmaFilter(EWMA_DECAY));
    this.written = this.cells.map((cells) => new StateTape(cells, false));
  }

  /** Puts the filters back to what the state says. */
  restore(): void {
    this.filters.forEach((filter, index) => {
      if (this.last[index] !== 0) filter.carry(new StateTape(this.cells[index]!, true));
      if (this.isEwma && this.last[index]! > 0) this.averages[index]!.update(this.last[index]!);
    });
  }

  /** Takes the bar in `bar` in; the next one's expected variance is in `bar[0]` then. */
  update(underlying: number, size: number): void {
    const { bar } = this;
    const index = underlying * BAR_SIZES + size;
    const filter = this.filters[index]!;
    filter.step(bar[0]!, bar[1]!, bar[2]!);
    if (this.isEwma) {
      this.averages[index]!.update(bar[1]!);
      bar[0] = this.averages[index]!.forecast();
    } else bar[0] = filter.forecast(1);
    this.last[index] = bar[0]! > 0 ? bar[0]! : -1;
    const tape = this.written[index]!;
    tape.rewind();
    filter.carry(tape);
  }

  /** Expected variance of the bar this many bars ahead; NaN for none. */
  ahead(underlying: number, size: number, bars: number): number {
    const index = underlying * BAR_SIZES + size;
    return this.isEwma ? this.averages[index]!.forecast() : this.filters[index]!.forecast(bars);
  }
}
