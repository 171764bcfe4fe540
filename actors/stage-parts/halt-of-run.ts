import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import type { OperatorCommand } from '../../schemas/generated/operator-command.js';

/**
 * Whether a command is a halt that ends with its run: the engine itself has set the kill latch, because something was stuck or lost, and
 * the next start has neither. What a person has halted stays so until a person resumes it.
 */
export function endsWithRun(command: OperatorCommand): boolean {
  return command.command() === CommandCode.HALT && command.argument() > KillReason.OPERATOR;
}
