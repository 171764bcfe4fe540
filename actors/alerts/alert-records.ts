import type { AlertTransition } from '../../engine/market/alerts/index.js';
import { severities } from '../../engine/market/alerts/index.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { AlertChange } from '../../schemas/generated/alert-change.js';
import { AlertCommand } from '../../schemas/generated/alert-command.js';
import { AlertDelivery } from '../../schemas/generated/alert-delivery.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { alertText } from './notice.js';
import type { Delivery } from './sinks/sink.js';

/** The codes stand in AlertCommand records. */
export const AlertCommandCode = { ACKNOWLEDGE: 1, SILENCE: 2, UNSILENCE: 3, RULES: 4, ADD_RULE: 5 } as const;
export const EVERY_ALERT = 0xffffffff;

export interface GivenCommand {
  command: number;
  rule: number;
  user: number;
  /** Microseconds since the Unix epoch. */
  until: number;
  text: string;
}

/** Longest text behind a change: a screen keeps that much of it. */
const LONGEST_TEXT = 900;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * What the alerts have to say, on its way into the log: written when there is room for it, in order. A change of state is never
 * dropped.
 */
export class AlertOutbox {
  private readonly out: StreamWriter;
  private readonly waiting: ((out: StreamWriter) => boolean)[] = [];

  constructor(out: StreamWriter) {
    this.out = out;
  }

  change(transition: AlertTransition): void {
    const { alert, before, cause, seq, number } = transition;
    const text = encoder.encode(alertText(alert)).subarray(0, LONGEST_TEXT);
    // What the record says must be what was true then, also when it is written later.
    const { state, acknowledgedBy, silencedUntil, found, bound, since, rule } = alert;
    const silenced = transition.time < silencedUntil;
    this.add(MessageType.ALERT_CHANGE, AlertChange.sizeOf(), text, (buffer, body) => {
      const record = new AlertChange().__init(body, buffer);
      record.mutate_rule(alert.number);
      record.mutate_severity(severities.indexOf(rule.severity) + 1);
      record.mutate_state(state);
      record.mutate_before(before);
      record.mutate_acknowledgedBy(acknowledgedBy);
      record.mutate_silenced(silenced ? 1 : 0);
      record.mutate_textBytes(text.length);
      record.mutate_cause(cause);
      record.mutate_found(found);
      record.mutate_bound(bound);
      record.mutate_since(since);
      record.mutate_evaluatedSeq(seq);
      record.mutate_silencedUntil(silencedUntil);
      record.mutate_number(number);
    });
  }

  command({ command, rule, user, until, text }: GivenCommand, nonce: number): void {
    const bytes = encoder.encode(text);
    this.add(MessageType.ALERT_COMMAND, AlertCommand.sizeOf(), bytes, (buffer, body) => {
      const record = new AlertCommand().__init(body, buffer);
      record.mutate_command(command);
      record.mutate_rule(rule);
      record.mutate_user(user);
      record.mutate_textBytes(bytes.length);
      record.mutate_until(until);
      record.mutate_nonce(nonce);
    });
  }

  delivery(sink: number, alert: number, number: number, { outcome, attempts, status, tookMs }: Delivery): void {
    this.add(MessageType.ALERT_DELIVERY, AlertDelivery.sizeOf(), new Uint8Array(0), (buffer, body) => {
      const record = new AlertDelivery().__init(body, buffer);
      record.mutate_sink(sink);
      record.mutate_outcome(outcome);
      record.mutate_attempts(attempts);
      record.mutate_rule(alert);
      record.mutate_number(number);
      record.mutate_took(tookMs);
      record.mutate_status(status);
    });
  }

  /** Writes what waits, as far as there is room; how many records. The caller publishes. */
  flush(): number {
    let written = 0;
    while (this.waiting.length > 0 && this.waiting[0]!(this.out)) {
      this.waiting.shift();
      written++;
    }
    return written;
  }

  private add(
    type: number,
    structBytes: number,
    text: Uint8Array,
    write: (buffer: ViewBuffer, body: number) => void,
  ): void {
    const receivedMicros = Date.now() * 1000;
    this.waiting.push((out) => {
      const at = out.claim(type, structBytes + text.length);
      if (at < 0) return false;
      out.buffer.view.setFloat64(at + HeaderOffset.RECEIVE_TIME, receivedMicros, true);
      const body = at + HEADER_BYTES;
      write(out.buffer, body);
      for (let byte = 0; byte < text.length; byte++) out.buffer.view.setUint8(body + structBytes + byte, text[byte]!);
      return true;
    });
  }
}

/** A command as it stands in the log. */
export function readCommand(buffer: ViewBuffer, offset: number): GivenCommand {
  const record = new AlertCommand().__init(offset + HEADER_BYTES, buffer);
  const text = new Uint8Array(record.textBytes());
  const from = offset + HEADER_BYTES + AlertCommand.sizeOf();
  for (let byte = 0; byte < text.length; byte++) text[byte] = buffer.view.getUint8(from + byte);
  return {
    command: record.command(),
    rule: record.rule(),
    user: record.user(),
    until: record.until(),
    text: decoder.decode(text),
  };
}

/** The text behind an AlertChange: the alert's name, its rule, its metrics. `body`: place of the struct. */
export function readChangeText(buffer: ViewBuffer, body: number): { name: string; rule: string; metrics: string } {
  const bytes = new Uint8Array(new AlertChange().__init(body, buffer).textBytes());
  const from = body + AlertChange.sizeOf();
  for (let byte = 0; byte < bytes.length; byte++) bytes[byte] = buffer.view.getUint8(from + byte);
  const [name = '', rule = '', metrics = ''] = decoder.decode(bytes).split('\t');
  return { name, rule, metrics };
}
