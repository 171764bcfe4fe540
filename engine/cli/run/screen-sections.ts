import type { Engine } from '../../runtime/host/engine.js';
import { alertLines } from './alert-lines.js';
import { deskLines } from './desk-lines.js';
import type { FeedMemory } from './feed-source.js';
import { instrumentNames } from './instrument-names.js';
import { marketLines } from './market-lines.js';
import { tradingLines } from './trading-lines.js';
import { volLines } from './vol-lines.js';

/** What the terminal shows below the table of hops and threads, from top to bottom. @param market absent where a feed has no definitions */
export function screenSections(engine: Engine, engineRun: number, market: FeedMemory | undefined): () => string[] {
  const { shown } = engine;
  const names = market === undefined ? undefined : instrumentNames(market.definitions);
  const ofMarket =
    market === undefined ? [] : [deskLines, volLines, marketLines].map((lines) => lines(shown, engineRun, market));
  const sections = [
    tradingLines(shown, engineRun, (id) => names?.(id) ?? `#${id}`),
    ...ofMarket,
    alertLines(shown, engineRun, market?.definitions),
  ];
  return () => sections.flatMap((lines) => lines());
}
