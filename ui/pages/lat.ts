import { h, setText } from '../dom.js';
import { fixed, nanos, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { frameTimes } from '../shell/perf.js';
import { latency, threads } from '../topics/charts.js';
import { LatencyHeat } from './latency-heat.js';
import { bitNames } from './listing.js';
import type { OpenPage } from './page.js';

/** What the clocks of two hosts may be apart before their difference tells nothing, milliseconds. */
const CLOCKS_APART_MS = 60_000;

const glass = () =>
  Math.abs(frameTimes.glass) > CLOCKS_APART_MS ? 'unknown, the clocks are apart' : `${fixed(frameTimes.glass, 1)} ms`;

/** What each hop costs: waiting in front of an actor, work in it, the threads beneath, and this browser at the end. */
export const open: OpenPage = (host) => {
  const hops = host.table(latency);
  const lines = host.table(threads);
  const heat = new LatencyHeat(host);
  const own = h('p', 'note');
  const time = (title: string, value: (slot: number) => number) => ({
    title,
    width: 9,
    text: (slot: number) => nanos(value(slot)),
    tone: (slot: number) => (value(slot) > 1e7 ? 'down' : value(slot) > 1e5 ? 'mark' : ''),
  });
  const hopGrid = new Grid(
    {
      rows: () => hops.count,
      columns: [
        { title: 'actor', width: 14, words: true, text: (slot) => hops.texts[slot] ?? '', tone: () => 'mark' },
        { title: 'records', width: 12, text: (slot) => whole(hops.at(slot).records()) },
        time('wait p50', (slot) => hops.at(slot).waitingP50()),
        time('p99', (slot) => hops.at(slot).waitingP99()),
        time('p99.9', (slot) => hops.at(slot).waitingP999()),
        time('max', (slot) => hops.at(slot).waitingMax()),
        time('work p50', (slot) => hops.at(slot).serviceP50()),
        time('p99', (slot) => hops.at(slot).serviceP99()),
        time('p99.9', (slot) => hops.at(slot).serviceP999()),
        time('max', (slot) => hops.at(slot).serviceMax()),
        {
          title: 'gated',
          width: 8,
          text: (slot) => whole(hops.at(slot).gated()),
          tone: (slot) => (hops.at(slot).gated() > 0 ? 'down' : 'dim'),
        },
        {
          title: 'conflated',
          width: 10,
          text: (slot) => whole(hops.at(slot).conflated()),
          tone: (slot) => (hops.at(slot).conflated() > 0 ? 'mark' : 'dim'),
        },
      ],
    },
    'Latency of each actor',
  );
  const threadGrid = new Grid(
    {
      rows: () => lines.count,
      columns: [
        { title: 'thread', width: 14, words: true, text: (slot) => lines.texts[slot] ?? '', tone: () => 'mark' },
        {
          title: 'is',
          width: 18,
          words: true,
          text: (slot) => bitNames(lines.at(slot).flags(), ['alive', 'asleep', 'I/O']) || 'GONE',
          tone: (slot) => ((lines.at(slot).flags() & 1) === 0 ? 'down' : ''),
        },
        { title: 'parked', width: 10, text: (slot) => whole(lines.at(slot).parked()) },
        { title: 'woken', width: 10, text: (slot) => whole(lines.at(slot).woken()) },
        { title: 'collections', width: 12, text: (slot) => whole(lines.at(slot).collections()) },
        { title: 'took', unit: 'ms', width: 9, text: (slot) => fixed(lines.at(slot).collectionMs(), 1) },
        { title: 'longest', unit: 'ms', width: 10, text: (slot) => fixed(lines.at(slot).longestCollectionMs(), 1) },
        { title: 'loop lag', unit: 'ms', width: 11, text: (slot) => fixed(lines.at(slot).loopLagMaxMs(), 1) },
      ],
    },
    'Threads',
  );
  hopGrid.element.classList.add('tall');
  host.body.append(own, hopGrid.element, heat.element, threadGrid.element);
  return {
    draw(now) {
      heat.draw(now);
      hopGrid.draw();
      threadGrid.draw();
      const { connection } = host;
      setText(
        own,
        `this browser: frame work p50 ${fixed(frameTimes.quantile(0.5), 1)} ms, p99 ${fixed(frameTimes.quantile(0.99), 1)} ms · gateway to glass ${glass()} · ${whole(connection.frames)} frames, ${connection.unreadable} unreadable, ${connection.reconnects} reconnects`,
      );
    },
    resized() {
      hopGrid.resized();
      threadGrid.resized();
    },
    key: (event) => hopGrid.key(event),
    csv: () => `${hopGrid.csv()}\n${threadGrid.csv()}`,
  };
};
