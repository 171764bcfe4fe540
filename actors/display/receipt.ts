import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { CommandReceipt } from '../../schemas/generated/command-receipt.js';
import { MessageType } from '../../schemas/message-type.js';

/** What became of a command; units as in CommandReceipt. */
export interface Receipt {
  peer: number;
  type: number;
  outcome: number;
  refusal: number;
  nonce: number;
  seq: number;
  time: number;
  number: number;
}

/** Shows a receipt in the place of the oldest. */
export function showReceipt(shown: LatestWriter, receipt: Receipt): void {
  const key = receipt.number % shown.keys;
  const at = shown.claim(key, MessageType.COMMAND_RECEIPT, CommandReceipt.sizeOf());
  const told = new CommandReceipt().__init(at + HEADER_BYTES, shown.buffer);
  told.mutate_peer(receipt.peer);
  told.mutate_type(receipt.type);
  told.mutate_outcome(receipt.outcome);
  told.mutate_refusal(receipt.refusal);
  told.mutate_nonce(receipt.nonce);
  told.mutate_seq(receipt.seq);
  told.mutate_time(receipt.time);
  told.mutate_number(receipt.number);
  shown.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, receipt.time, true);
  shown.publish(key);
}
