import { OrderAction } from '../../../engine/market/orders/codes.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { PRICE } = NUMBER;
const { OWN_BID, OWN_ASK, QUOTED_BID, QUOTED_ASK } = FACT;
/** Never against ourselves. Quotes move together, and the venue takes the two sides of one in the order that does not cross them. */
export function selfMatchCheck(judged: JudgedIntent): number {
  const { facts, isSell, row } = judged;
  const price = judged.numbers[PRICE]!;
  const own = facts[row + (isSell ? OWN_BID : OWN_ASK)]!;
  if (isSell ? price <= own : price >= own) return judged.refused(RiskCode.SELF_MATCH, price, own);
  if (judged.action === OrderAction.QUOTE) return 0;
  const quoted = facts[row + (isSell ? QUOTED_BID : QUOTED_ASK)]!;
  return (isSell ? price <= quoted : price >= quoted) ? judged.refused(RiskCode.SELF_MATCH, price, quoted) : 0;
}

/** An amendment of ours was approved: our best order on its side is where it goes. */
export function moveOwnBest(judged: JudgedIntent): void {
  judged.facts[judged.row + (judged.isSell ? OWN_ASK : OWN_BID)] = judged.numbers[PRICE]!;
}
