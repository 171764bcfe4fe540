/** Codes of the order messages, see schemas/trading.fbs and schemas/engine.fbs. */
export const OrderAction = { PLACE: 1, AMEND: 2, CANCEL: 3, MASS_CANCEL: 4 } as const;
export const Side = { BOTH: 0, BUY: 1, SELL: 2 } as const;
export const SendOutcome = { SENT: 1, NOT_SENT: 2, CONNECTION_LOST: 3 } as const;
export const NotSentReason = {
  NONE: 0,
  KILLED: 1,
  NOT_CONNECTED: 2,
  SOCKET_FULL: 3,
  MALFORMED: 4,
  REFUSED: 5,
} as const;
export const OrderState = { REQUESTED: 1, SENT: 2, NOT_SENT: 3, UNKNOWN: 4 } as const;
export const RefusalReason = { NONE: 0, HALTED: 1, REDUCING: 2, AMOUNT: 3, PRICE: 4, RATE: 5, POSITION: 6 } as const;

/** Whether an action can only take risk away. Such actions pass in every state of the engine. */
export function onlyReduces(action: number): boolean {
  return action === OrderAction.CANCEL || action === OrderAction.MASS_CANCEL;
}
