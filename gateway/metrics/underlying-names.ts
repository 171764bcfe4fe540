import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import type { TopicSet } from '../topics/topic-set.js';
import { eachRow } from './topic-rows.js';

/** Place of the price index among the names of an instrument. */
const INDEX_NAME = 5;

/** What underlyings are called, by either of their numbers: they are as many as the indices that instruments settle by. */
export class UnderlyingNames {
  private readonly topics: TopicSet;
  private readonly byNumber = new Map<number, string>();
  private readonly byInstrument = new Map<number, string>();
  private version = -1;

  constructor(topics: TopicSet) {
    this.topics = topics;
  }

  /** By the number of the log's first definition, as portfolio and risk have it. */
  of(underlying: number): string {
    this.refresh();
    return this.byNumber.get(underlying) ?? `#${underlying}`;
  }

  /** By the number that the volatility filter gave it. */
  ofFilter(underlying: number): string {
    this.refresh();
    let name: string | undefined;
    eachRow(this.topics.merge('underlyings'), UnderlyingState, (row) => {
      if (row.underlying() === underlying) name = this.byInstrument.get(row.option());
    });
    return name ?? `#${underlying}`;
  }

  private refresh(): void {
    const topic = this.topics.merge('instruments');
    if (topic.version === this.version) return;
    this.version = topic.version;
    eachRow(topic, InstrumentRow, (row, key, text) => {
      const name = text.split('\t')[INDEX_NAME] ?? '';
      if (name === '') return;
      this.byNumber.set(row.underlying(), name);
      this.byInstrument.set(key, name);
    });
  }
}
