import { InvalidArgumentError } from 'commander';
import { tracesAddress } from '../../telemetry/tracing/traces-address.js';

/** The address of a collector. */
export function collector(text: string): string {
  try {
    tracesAddress(text);
  } catch {
    throw new InvalidArgumentError("expected the address of a collector, such as 'http://127.0.0.1:4318'.");
  }
  return text;
}
