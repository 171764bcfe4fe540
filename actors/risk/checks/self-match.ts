import { OrderAction } from '../../../engine/market/orders/codes.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import type { JudgedIntent } from './judged-intent.js';

/** Never against ourselves. Quotes move together, and the venue takes the two sides of one in the order that does not cross them. */
export function selfMatchCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { facts } = judged.tables;
  const against = judged.isSell ? FACT.OWN_BID : FACT.OWN_ASK;
  if (crosses(judged, against)) {
    return judged.refused(RiskCode.SELF_MATCH, judged.price[0]!, facts[judged.row + against]!);
  }
  if (intent.action() === OrderAction.QUOTE) return 0;
  const quoted = judged.isSell ? FACT.QUOTED_BID : FACT.QUOTED_ASK;
  if (!crosses(judged, quoted)) return 0;
  return judged.refused(RiskCode.SELF_MATCH, judged.price[0]!, facts[judged.row + quoted]!);
}

/** An amendment of ours was approved: our best order on its side is where it goes. */
export function moveOwnBest(judged: JudgedIntent): void {
  judged.tables.facts[judged.row + (judged.isSell ? FACT.OWN_ASK : FACT.OWN_BID)] = judged.price[0]!;
}

function crosses(judged: JudgedIntent, fact: number): boolean {
  const own = judged.tables.facts[judged.row + fact]!;
  return judged.isSell ? judged.price[0]! <= own : judged.price[0]! >= own;
}
