/** What stands behind the numbers of a row, as the style sheet has it. */
export interface Ground {
  /** Backgrounds above each other, from the page's own to the row's. */
  fills: readonly string[];
  /** Colour and height of the row's border above and below, pixels of the screen; 0 where it has none. */
  edge: string;
  edgeHeight: number;
}

/** Asked of a row that stands in its table. @param scale pixels of the screen to one of the page */
export function groundOf(row: Element, scale: number): Ground {
  const fills: string[] = [];
  for (let part: Element | null = row; part !== null; part = part.parentElement)
    fills.unshift(getComputedStyle(part).backgroundColor);
  const { borderTopColor, borderTopWidth } = getComputedStyle(row);
  return { fills, edge: borderTopColor, edgeHeight: Math.round((Number.parseFloat(borderTopWidth) || 0) * scale) };
}
