/** Why a command that stands in the log changed nothing; `fault` of a CommandFault. */
export const CommandFaultCode = {
  UNDERLYING: 1,
  EXPIRY: 2,
  INSTRUMENT: 3,
  STRIKE: 4,
  STRATEGY: 5,
  VALUE: 6,
  CONFIRMATION: 7,
  SCOPE: 8,
} as const;

const MEANINGS: Record<number, string> = {
  [CommandFaultCode.UNDERLYING]: 'there is no such underlying',
  [CommandFaultCode.EXPIRY]: 'the underlying has no such expiry',
  [CommandFaultCode.INSTRUMENT]: 'there is no such instrument',
  [CommandFaultCode.STRIKE]: 'the underlying has no option of this strike',
  [CommandFaultCode.STRATEGY]: 'there is no such strategy',
  [CommandFaultCode.VALUE]: 'its value is out of bounds',
  [CommandFaultCode.CONFIRMATION]: 'it adds risk, and nobody confirmed it',
  [CommandFaultCode.SCOPE]: 'it cannot be done to a part of this kind',
};

/** A fault in words. */
export function meaningOfFault(code: number): string {
  return MEANINGS[code] ?? `fault ${code}`;
}
