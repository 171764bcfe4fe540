import { button, h } from '../dom.js';
import { clock, fixed, price, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { command } from '../net/http.js';
import { alerts } from '../topics/first.js';
import { anomalies } from '../topics/pages.js';
import { AlertHistory } from './alert-history.js';
import { alertStates, anomalyKinds, nameOf, severities } from './codes.js';
import type { OpenPage } from './page.js';

/** Scores are multiples of what is usual; beyond this their size says no more than that it never happens. */
const GREATEST_SCORE = 9999;

function scoreText(score: number): string {
  return score > GREATEST_SCORE ? `> ${GREATEST_SCORE}` : fixed(score, 1);
}

/** Rules with their states, what became of them, and what looked odd in the market, the newest first. */
export const open: OpenPage = (host) => {
  const rules = host.table(alerts);
  const odd = host.tail(anomalies);
  const words = (slot: number, part: number) => rules.texts[slot]?.split('\t')[part] ?? '';
  const note = h('p', 'note', [
    'No rule has spoken yet. Rules are kept in data/alerts/alerts.rules; volfilter alerts edits them.',
  ]);
  const ruleGrid = new Grid(
    {
      rows: () => rules.count,
      columns: [
        { title: 'alert', width: 20, words: true, text: (slot) => words(slot, 0), tone: () => 'mark' },
        {
          title: 'state',
          width: 9,
          words: true,
          text: (slot) => nameOf(alertStates, rules.at(slot).state()),
          tone: (slot) => (rules.at(slot).state() === 1 ? 'up' : 'down'),
        },
        { title: 'severity', width: 9, words: true, text: (slot) => nameOf(severities, rules.at(slot).severity()) },
        { title: 'found', width: 12, text: (slot) => price(rules.at(slot).found()) },
        { title: 'bound', width: 12, text: (slot) => price(rules.at(slot).bound()) },
        { title: 'since', unit: 'UTC', width: 9, text: (slot) => clock(rules.at(slot).since()) },
        {
          title: 'silenced',
          width: 9,
          words: true,
          text: (slot) => (rules.at(slot).silenced() === 1 ? clock(rules.at(slot).silencedUntil()) : ''),
        },
        {
          title: 'seen by',
          width: 8,
          text: (slot) => (rules.at(slot).acknowledgedBy() === 0 ? '' : `#${rules.at(slot).acknowledgedBy()}`),
        },
        { title: 'rule', width: 50, words: true, text: (slot) => words(slot, 1), tone: () => 'dim' },
      ],
    },
    'Alerts',
  );
  const oddGrid = new Grid(
    {
      rows: () => odd.count,
      columns: [
        { title: 'seen', unit: 'UTC', width: 12, words: true, text: (place) => clock(odd.time(place), true) },
        {
          title: 'anomaly',
          width: 20,
          words: true,
          text: (place) => nameOf(anomalyKinds, odd.at(place).kind()),
          tone: (place) => (odd.at(place).severity() >= 2 ? 'down' : 'mark'),
        },
        { title: 'severity', width: 9, words: true, text: (place) => nameOf(severities, odd.at(place).severity()) },
        {
          title: 'instrument',
          width: 24,
          words: true,
          text: (place) =>
            odd.at(place).instrument() === 0xffffffff
              ? host.markets.underlyingName(odd.at(place).underlying())
              : host.markets.name(odd.at(place).instrument()),
        },
        { title: 'found', width: 12, text: (place) => price(odd.at(place).found()) },
        { title: 'expected', width: 12, text: (place) => price(odd.at(place).expected()) },
        { title: 'score', width: 8, text: (place) => scoreText(odd.at(place).score()) },
        { title: 'worth', unit: 'USD', width: 10, text: (place) => whole(odd.at(place).sizeUsd()) },
      ],
    },
    'Anomalies',
  );
  const buttons = h('div', 'bar', [
    button('Acknowledge', () => void act('acknowledge', 0)),
    button('Silence 1 h', () => void act('silence', 1)),
    button('End silence', () => void act('unsilence', 0)),
    h('span', 'dim', ['the selected rule; asks first']),
  ]);

  /** @param hours of silence, by the engine's clock */
  async function act(action: 'acknowledge' | 'silence' | 'unsilence', hours: number): Promise<void> {
    const slot = ruleGrid.selected;
    if (slot >= rules.count) return host.say('no rule is selected');
    const name = words(slot, 0);
    const rule = rules.at(slot).rule();
    const now = host.connection.store.channels.get('alerts')?.engineTime ?? 0;
    const until = hours === 0 ? 0 : (now > 0 ? now : Date.now() * 1000) + hours * 3.6e9;
    if (!(await host.confirm(`${action} ${name}${hours === 0 ? '' : ` until ${clock(until)} UTC`}?`))) return;
    const outcome = await command('POST', '/api/v1/alerts/commands', { action, rule, until }, (question) =>
      host.confirm(question),
    );
    host.say(
      outcome.ok ? `${action} ${name}: sent; the table shows what came of it` : `NOT CONFIRMED: ${outcome.words}`,
    );
  }

  const history = new AlertHistory(host);
  history.grid.element.classList.add('low');
  const quiet = h('p', 'note', ['No alert has changed since the engine began.']);
  host.body.append(note, buttons, ruleGrid.element, quiet, history.grid.element, oddGrid.element);
  return {
    draw() {
      note.hidden = rules.count > 0;
      ruleGrid.draw();
      history.draw();
      quiet.hidden = history.count > 0;
      history.grid.element.hidden = history.count === 0;
      oddGrid.draw();
    },
    resized() {
      ruleGrid.resized();
      history.grid.resized();
      oddGrid.resized();
    },
    key: (event) => oddGrid.key(event),
    csv: () => `${ruleGrid.csv()}\n${history.grid.csv()}\n${oddGrid.csv()}`,
  };
};
