/** Milliseconds that the rows of all tables may take of one frame; to show them takes the browser as long again, and longer. */
const FRAME_MS = 3;
/**
 * Milliseconds that the handing over of a picture is counted as: what it costs the page's thread after the frame. Measured in Debian's Chromium without a graphics
 * card are 0.27 at the median, 0.35 in one of ten, 0.54 in one of a hundred, and 0.28 on average.
 */
const HAND_OVER_MS = 0.4;

let ends = Number.POSITIVE_INFINITY;
let short = false;

/**
 * What rows may cost in a frame. Where more of them change than there is time for, each table draws some and goes on with the next ones in the next
 * frame, by then with their newest values: the screen stays quick, and no row waits for ever.
 */
export const rowBudget = {
  /** Something came since the tables that are drawn now were drawn last; otherwise they only go on with the rows that they had left. */
  hasNews: true,
  /** A frame begins. @param now milliseconds of performance.now() */
  begin(now: number): void {
    ends = now + FRAME_MS;
  },
  /** The frame is over: what is drawn between frames answers a key or the wheel, and is drawn whole. */
  end(): void {
    ends = Number.POSITIVE_INFINITY;
    rowBudget.hasNews = true;
  },
  /** Whether rows are drawn in a frame, and not for a key or the wheel. */
  isTimed(): boolean {
    return ends !== Number.POSITIVE_INFINITY;
  },
  isSpent(): boolean {
    return rowBudget.isTimed() && performance.now() > ends;
  },
  /** A picture was handed to the screen, which costs the page as much again behind the frame. */
  handedOver(): void {
    ends -= HAND_OVER_MS;
  },
  /** A table has rows left. */
  runShort(): void {
    short = true;
  },
  /** Whether a table had rows left since this was asked last. */
  ranShort(): boolean {
    const answer = short;
    short = false;
    return answer;
  },
};
