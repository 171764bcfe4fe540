/** Why the kill latch was set; NONE while it is open. */
export const KillReason = {
  NONE: 0,
  OPERATOR: 1,
  CORE_STUCK: 2,
  LOG_RING_FULL: 3,
  RECORDER_LOST: 4,
  SUPERVISOR_DEAD: 5,
  CORE_FAILED: 6,
} as const;
export type KillReason = (typeof KillReason)[keyof typeof KillReason];

/** The reason in words. */
export function killReasonText(reason: KillReason): string {
  const texts: Record<KillReason, string> = {
    [KillReason.NONE]: 'not killed',
    [KillReason.OPERATOR]: 'an operator said so',
    [KillReason.CORE_STUCK]: 'the core had input and made no progress',
    [KillReason.LOG_RING_FULL]: 'the log ring was four fifths full',
    [KillReason.RECORDER_LOST]: 'the recorder was lost',
    [KillReason.SUPERVISOR_DEAD]: 'the engine process showed no sign of life',
    [KillReason.CORE_FAILED]: 'an actor of the core failed',
  };
  return texts[reason];
}
