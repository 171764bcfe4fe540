/** So long after something was there more is likely. */
const QUIET_AFTER_MS = 10_000;

/** Looks again and again: often while there was something lately, seldom in a long quiet, in which the looks would be most of what an idle thread costs. */
export class AdaptivePoll {
  private readonly look: () => void;
  private readonly oftenMs: number;
  private readonly seldomMs: number;
  private timer: NodeJS.Timeout | undefined;
  /** When something was there last, or this was made. */
  private foundMs = performance.now();

  constructor(look: () => void, oftenMs: number, seldomMs: number) {
    this.look = look;
    this.oftenMs = oftenMs;
    this.seldomMs = seldomMs;
  }

  start(): void {
    const isQuiet = performance.now() - this.foundMs >= QUIET_AFTER_MS;
    this.timer = setTimeout(
      () => {
        this.start();
        this.look();
      },
      isQuiet ? this.seldomMs : this.oftenMs,
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** A look has found something. */
  found(): void {
    this.foundMs = performance.now();
  }
}
