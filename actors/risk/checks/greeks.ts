import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { SECONDARIES, SECONDARY } from '../../../engine/market/risk/secondary-exposure.js';
import { CODES_OF, LIMITS_OF, UNITS_OF } from './greek-bounds.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { INDEX } = NUMBER;
const { nakedWingsUsd: LIMIT_NAKED_WINGS_USD } = LIMIT;

/** The Greeks beside delta, vega and gamma, and wings that are sold uncovered: of what is held and of all that rests, on the side that the intent makes worse. */
export function greeksCheck(judged: JudgedIntent): number {
  // Most quotes replace one of the same size: they add nothing.
  if (judged.added[0] === 0 || !judged.isOption) return 0;
  const greek = nextBeyond(judged, 0);
  return (greek < SECONDARIES ? judgeFrom(judged, greek) : 0) || wingsCheck(judged);
}

/** The first Greek, from one on, that a quick look finds beyond its limit. */
function nextBeyond(judged: JudgedIntent, from: number): number {
  const { id, underlying, isSell, added } = judged;
  const { bounds } = judged.verdicts;
  return judged.memory.secondary.firstBeyond(
    from,
    id,
    underlying,
    isSell === 1,
    added,
    bounds,
    underlying * SECONDARIES,
  );
}

/** Whether one of the Greeks that a quick look finds beyond their limits is, from one on. */
function judgeFrom(judged: JudgedIntent, first: number): number {
  const { secondary } = judged.memory;
  const { id, underlying, isSell, isProtected, added, limits } = judged;
  for (let greek = first; greek < SECONDARIES; greek = nextBeyond(judged, greek + 1)) {
    secondary.worstOf(greek, id, underlying, isSell === 1, isProtected === 1, added);
    const perUnit = greek === SECONDARY.VANNA ? judged.numbers[INDEX]! : 1;
    const worst = secondary.worst[0]! * UNITS_OF[greek]! * perUnit;
    // What time brings is no risk, what it takes is.
    const found = greek === SECONDARY.THETA ? -worst : worst < 0 ? -worst : worst;
    const most = limits[LIMITS_OF[greek]!]!;
    if (!(found <= most) && !judged.reducesPosition()) return judged.refused(CODES_OF[greek]!, found, most);
  }
  return 0;
}

function wingsCheck(judged: JudgedIntent): number {
  const { secondary } = judged.memory;
  if (!judged.isSell || secondary.wings[judged.id] === 0) return 0;
  const naked = (secondary.naked[judged.underlying]! + judged.added[0]!) * judged.numbers[INDEX]!;
  const most = judged.limits[LIMIT_NAKED_WINGS_USD]!;
  return !(naked <= most) && !judged.reducesPosition() ? judged.refused(RiskCode.NAKED_WINGS, naked, most) : 0;
}
