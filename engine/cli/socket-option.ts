import { InvalidArgumentError } from 'commander';

/** Address of a WebSocket as an option says it. */
export function socketAddress(text: string): string {
  if (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("expected the address of a WebSocket, such as 'wss://test.deribit.com/ws/api/v2'.");
}
