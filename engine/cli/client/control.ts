import type { ClientOptions } from './api-client.js';

/** What every command that tells a running engine something has. */
export interface ControlOptions extends ClientOptions {
  reason?: string;
  yes?: boolean;
}

/** Prints what became of a command. */
export function tell(answer: Record<string, unknown>, options: ClientOptions): void {
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else
    process.stdout.write(
      answer.seq === undefined ? `${String(answer.status)}\n` : `in the log as ${String(answer.seq)}\n`,
    );
}
