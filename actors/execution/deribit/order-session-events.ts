export interface OrderSessionEvents {
  /** Something was reported: it is to be published. */
  reported(): void;
  /** Whether the core makes progress. */
  isFresh(): boolean;
  nowMicros(): number;
  note(level: 'info' | 'warn' | 'error', message: string): void;
}
