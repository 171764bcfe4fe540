import { CommandFaultCode, meaningOfFault } from '../../engine/market/risk/command-fault-code.js';
import type { CommandCode, CommandWriter } from '../../engine/runtime/peers/command-channel.js';
import { CommandRefusal, FIRST_FAULT } from '../../engine/runtime/peers/command-layouts.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { MessageType } from '../../schemas/message-type.js';
import { type Call, json } from '../http/route.js';
import type { AuditLog } from '../security/audit.js';
import type { Confirmations } from '../security/confirmations.js';
import type { MergeTopic } from '../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { CommandTargets, Target } from './command-targets.js';
import type { Latch } from './latch.js';
import type { Answered, Receipts } from './receipts.js';

/** What commands are given by. */
export interface CommandServices {
  commands: CommandWriter;
  /** Absent where nobody tells what became of a command. */
  receipts?: Receipts;
  confirmations: Confirmations;
  audit: AuditLog;
  /** The limits in force, whose version a change repeats. */
  limits?: MergeTopic;
  /** What commands may be of; absent where nothing is seen of it. */
  targets?: CommandTargets;
  /** The kill latch; absent where nothing is seen of it. */
  latch?: Latch;
}

/** Longest that an answer waits for the log. */
const RECEIPT_MS = 500;

/** Something that a person does, as the audit log and the second step have it. */
export interface Act {
  action: string;
  /** In words. */
  summary: string;
  addsRisk: boolean;
  /** What it is of, where that is not everything: it has to be listed. */
  target?: Target;
  /** Gives the command; its nonce, 0 where the engine takes none. `line`: number in the audit log. */
  give(user: number, line: number, confirmed: 0 | 1): number;
}

/** A request whose body says why. */
export type Reasoned = Call<{ reason: string }>;

/** Why the engine took no command, in words. */
export const refusals: Record<number, string> = {
  [CommandRefusal.VALUE]: 'a value of it cannot be',
  [CommandRefusal.NONCE]: 'it was given before',
  [CommandRefusal.ENGINE_BUSY]: 'the engine takes none at present',
  ...Object.fromEntries(Object.values(CommandFaultCode).map((code) => [FIRST_FAULT + code, meaningOfFault(code)])),
};

/** Gives commands to the engine: at once, or after a second step where they add risk. Each stands in the audit log before it is given. */
export class CommandDesk {
  readonly services: CommandServices;

  constructor(services: CommandServices) {
    this.services = services;
  }

  get commands(): CommandWriter {
    return this.services.commands;
  }

  act(call: Reasoned, what: Act): HttpAnswer | Promise<HttpAnswer> {
    const caller = call.caller!;
    const objection = what.target === undefined ? undefined : this.services.targets?.objection(what.target);
    if (objection !== undefined) {
      this.note(call, what.action, `not given: ${objection}`);
      return problemAnswer(404, objection);
    }
    if (!what.addsRisk || caller.actsAtOnce) return this.give(call, what, 1);
    const { nonce, until } = this.services.confirmations.ask({
      user: caller.user.name,
      summary: what.summary,
      run: () => this.give(call, what, 1),
    });
    this.note(call, what.action, 'asked to confirm');
    return json(202, {
      accepted: false,
      status: 'needs-confirmation',
      confirmation: nonce,
      until: new Date(until).toISOString(),
      summary: what.summary,
    });
  }

  /** A command of an operator. @returns its nonce, 0 where the engine takes none */
  operate(code: CommandCode, user: number, of: number): number {
    return this.commands.give(MessageType.OPERATOR_COMMAND, (buffer, at) => {
      const command = new OperatorCommand().__init(at, buffer);
      command.mutate_command(code);
      command.mutate_user(user);
      command.mutate_instrument(of);
    });
  }

  /** Writes a line of the audit log. @returns its number */
  note(call: Reasoned, action: string, outcome: string): number {
    const { user } = call.caller!;
    return this.services.audit.write({
      user: user.name,
      role: user.role,
      remote: call.request.remote,
      request: call.id,
      action,
      reason: call.body.reason,
      outcome,
      detail: call.body,
    });
  }

  private async give(call: Reasoned, { action, give }: Act, confirmed: 0 | 1): Promise<HttpAnswer> {
    const { receipts } = this.services;
    const line = this.note(call, action, 'given');
    const hand = () => give(call.caller!.user.id, line, confirmed);
    const nonce = receipts?.expect(hand) ?? hand();
    if (nonce === 0) {
      this.note(call, action, 'not taken');
      return problemAnswer(503, 'the engine takes no command at present');
    }
    const answer: Answered = (await receipts?.wait(nonce, RECEIPT_MS)) ?? { outcome: 'pending', seq: 0, refusal: 0 };
    this.note(call, action, answer.outcome === 'accepted' ? `in the log as ${answer.seq}` : answer.outcome);
    if (answer.outcome === 'refused')
      return problemAnswer(409, `the engine refused it: ${refusals[answer.refusal] ?? 'no reason given'}`);
    const seq = answer.outcome === 'accepted' ? { seq: answer.seq } : {};
    return json(202, { accepted: true, status: answer.outcome, nonce, ...seq });
  }
}
