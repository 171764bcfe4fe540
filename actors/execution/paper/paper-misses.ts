/** Why trades on paper's market were not ours: what becomes of each trade in an option, from the side that it took. */
export class PaperMisses {
  /** Trades in options. */
  trades = 0;
  /** On whose side nothing of ours rested. */
  unquoted = 0;
  /** At a better price than ours, which they left by these distances. */
  passed = 0;
  /** At our price, and with those who stood before us. */
  queued = 0;
  private nearest = Number.POSITIVE_INFINITY;
  private nearestPart = Number.POSITIVE_INFINITY;

  /** A trade found others at a better price than ours. @param away distance of ours from it @param price of the trade */
  pass(away: number, price: number): void {
    this.passed++;
    this.nearest = Math.min(this.nearest, away);
    this.nearestPart = Math.min(this.nearestPart, away / price);
  }

  /** One sentence of what happened; @param fills trades that were ours */
  text(fills: number): string {
    if (this.trades === 0) return 'no option traded in this feed: nothing could fill a quote';
    const passed =
      this.passed === 0
        ? 'none passed our prices'
        : `${this.passed} passed our prices, the nearest by ${this.nearest.toFixed(6)} (${(100 * this.nearestPart).toFixed(1)} % of its price at least)`;
    return `${this.trades} trades in options, ${fills} fills: ${passed}; ${this.queued} went to those before us at our price; ${this.unquoted} found no order of ours on their side`;
  }
}
