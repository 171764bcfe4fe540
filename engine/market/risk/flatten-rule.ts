/** Seconds that a closing order waits at its own side of the touch. */
const JOINS_FOR = 2;
/** Seconds over which it then gives up to what it may. */
const GIVES_OVER = 8;

export const FlattenInput = {
  /** Signed, the venue's amount unit. */
  POSITION: 0,
  /** Value of one, the venue's price unit; NaN where there is none. */
  MARK: 1,
  /** The touch, the venue's price unit; NaN for an empty side. */
  BID: 2,
  ASK: 3,
  /** Seconds since closing began. */
  WAITED: 4,
  /** How far from the mark it may be closed at worst, the venue's price unit. */
  GIVE: 5,
  SIZE: 6,
} as const;

/**
 * Price at which a position is closed: first on its own side of the touch, where it earns the spread; then it gives way, up to what may be
 * given away from the mark, and takes the other side of the touch as soon as that is as good.
 */
export class FlattenRule {
  readonly input = new Float64Array(FlattenInput.SIZE);
  /** [price, not rounded; NaN for nothing] */
  readonly output = new Float64Array(1);

  decide(): void {
    const { input, output } = this;
    const sells = input[FlattenInput.POSITION]! > 0;
    const own = input[sells ? FlattenInput.ASK : FlattenInput.BID]!;
    const other = input[sells ? FlattenInput.BID : FlattenInput.ASK]!;
    const late = (input[FlattenInput.WAITED]! - JOINS_FOR) / GIVES_OVER;
    const part = late < 0 ? 0 : late > 1 ? 1 : late;
    const given = part * input[FlattenInput.GIVE]!;
    const worst = input[FlattenInput.MARK]! + (sells ? -given : given);
    if (own > 0 && !(late > 0)) output[0] = own;
    // Without a mark nothing says what is too much: it stays in the book.
    else if (Number.isNaN(worst)) output[0] = own > 0 ? own : Number.NaN;
    else if (sells) output[0] = other > worst ? other : worst;
    else output[0] = other > 0 && other < worst ? other : worst;
  }
}
