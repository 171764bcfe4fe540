/** Only while ACTIVE does anything go out that adds risk. */
export const EngineStateCode = { STARTING: 0, ACTIVE: 1, REDUCING: 2, HALTED: 3 } as const;
export type EngineStateCode = (typeof EngineStateCode)[keyof typeof EngineStateCode];
/** The states that the engine is put into. REDUCING is none of them: an active engine reduces while new risk is forbidden. */
export type ChosenState = Exclude<EngineStateCode, 2>;

/** The engine's state in one word. */
export function engineStateName(state: EngineStateCode): string {
  const names: Record<EngineStateCode, string> = {
    [EngineStateCode.STARTING]: 'starting',
    [EngineStateCode.ACTIVE]: 'active',
    [EngineStateCode.REDUCING]: 'reducing',
    [EngineStateCode.HALTED]: 'halted',
  };
  return names[state];
}

/** Why new risk may be forbidden. A bit each, because reasons come and go independently. */
export const RiskBan = { STALL: 1, LOG_FULL: 2, JOURNAL_FULL: 4, NO_KILLER: 8 } as const;
export type RiskBan = (typeof RiskBan)[keyof typeof RiskBan];

/** The reasons why new risk is forbidden, in words. @param bans bits of `RiskBan` */
export function riskBanTexts(bans: number): string[] {
  const texts: [RiskBan, string][] = [
    [RiskBan.STALL, 'a thread makes no progress'],
    [RiskBan.LOG_FULL, 'the log is half full'],
    [RiskBan.JOURNAL_FULL, "the journal's disk is full"],
    [RiskBan.NO_KILLER, 'the killer gives no sign of life'],
  ];
  return texts.filter(([ban]) => (bans & ban) !== 0).map(([, text]) => text);
}

/** How far an orderly end has got: inputs stop; the core's state is kept as a snapshot; the core drains; execution and recorder drain. */
export const StopPhase = { RUNNING: 0, INPUTS: 1, SNAPSHOT: 2, CORE: 3, OUTPUTS: 4 } as const;
export type StopPhase = (typeof StopPhase)[keyof typeof StopPhase];

/** The outcome of the snapshot that an orderly end asks for. */
export const LastSnapshot = { PENDING: 0, WRITTEN: 1, FAILED: 2 } as const;
export type LastSnapshot = (typeof LastSnapshot)[keyof typeof LastSnapshot];
