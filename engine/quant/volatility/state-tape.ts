/**
 * Carries the state of a model out into an array, and back in: the model runs through what it remembers once, in one order, and the tape
 * either notes each number or plays it back. One list serves both ways, so that they cannot differ.
 */
export class StateTape {
  private readonly cells: Float64Array;
  private readonly playing: boolean;
  private place = 0;

  /** `cells` is where the state lies outside; `play` puts it back into the model, without it the model's is noted. */
  constructor(cells: Float64Array, play: boolean) {
    this.cells = cells;
    this.playing = play;
  }

  /** To the beginning; how many numbers were carried. */
  rewind(): number {
    const carried = this.place;
    this.place = 0;
    return carried;
  }

  /** Carries an array that the model keeps. @throws RangeError where the tape is too short. */
  array(values: Float64Array): void {
    const { cells, place } = this;
    this.take(values.length);
    if (this.playing) for (let index = 0; index < values.length; index++) values[index] = cells[place + index]!;
    else cells.set(values, place);
  }

  /** Carries one number: the model keeps what comes back. */
  number(value: number): number {
    const { cells, place } = this;
    this.take(1);
    if (this.playing) return cells[place]!;
    cells[place] = value;
    return value;
  }

  private take(count: number): void {
    this.place += count;
    if (this.place > this.cells.length) {
      throw new RangeError(
        `a model's state takes more than the ${this.cells.length} numbers that it was given room for`,
      );
    }
  }
}
