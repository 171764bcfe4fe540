import type { Placed } from '../net/frame.js';
import type { Topic } from '../store/channel.js';
import type { Row } from './frames.js';
import { deskTables } from './market/desk-tables.js';
import { engineTables } from './market/engine-tables.js';
import { marketTables } from './market/market-tables.js';
import type { Tables } from './market/told.js';
import { volatilityTables } from './market/volatility-tables.js';

export { options, START } from './market/options.js';

const tables: Tables = { ...marketTables, ...volatilityTables, ...deskTables, ...engineTables };

/** Rows of a topic as they are in a step; undefined for a topic that this market does not tell. */
export function rowsOf(topic: string, step: number): { topic: Topic<Placed>; rows: Row<Placed>[] } | undefined {
  const made = tables[topic]?.(step);
  return made as { topic: Topic<Placed>; rows: Row<Placed>[] } | undefined;
}
