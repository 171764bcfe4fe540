/** Which connections take their orders with them when they break. */
export class CancelOnDisconnect {
  /** Accounts whose new connections begin with it. */
  readonly #accounts = new Set<number>();

  setAccount(account: number, enabled: boolean): void {
    if (enabled) this.#accounts.add(account);
    else this.#accounts.delete(account);
  }

  ofAccount(account: number): boolean {
    return this.#accounts.has(account);
  }
}
