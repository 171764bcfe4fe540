/**
 * What several gateways of one engine have in common. Each method rejects where the store cannot be reached: whoever calls goes on with what this gateway knows alone.
 */
export interface SharedStore {
  /** Adds to a counter, which ends by itself; what it holds then. */
  add(key: string, amount: number, endsAfterMs: number): Promise<number>;
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, endsAfterMs: number): Promise<void>;
  /** Sets what is not there yet; false where it was. */
  claim(key: string, value: string, endsAfterMs: number): Promise<boolean>;
  close(): void;
}
