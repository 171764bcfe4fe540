import { h, setText } from '../dom.js';
import { percent, whole } from '../format.js';
import { alerts, engine, limits, riskStates as riskStatesTopic, trading, worstCases } from '../topics/first.js';
import { nameOf, riskStates } from './codes.js';
import { Facts } from './facts.js';
import { limitNames } from './limit-names.js';
import { LimitUse } from './limit-use.js';
import type { PaneHost } from './page.js';
import { isReady, tradingWords } from './trading-words.js';

/** Limits that are shown: those that are nearest. */
const SHOWN_LIMITS = 5;
const FIRING = 3;
const EVERYTHING = 1;
const engineStates = ['starting', 'active', 'reducing', 'HALTED'];

/** Whether the desk may trade, what fires, and which limits are nearest. */
export class DeskTiles {
  readonly element: HTMLElement;
  private readonly facts = new Facts();
  private readonly nearest = h('p', 'note');
  private readonly status;
  private readonly orders;
  private readonly risk;
  private readonly rules;
  private readonly limits;
  private readonly used: LimitUse;

  constructor(host: PaneHost) {
    this.status = host.table(engine);
    this.orders = host.table(trading);
    this.risk = host.table(riskStatesTopic);
    this.rules = host.table(alerts);
    this.limits = host.table(limits);
    this.used = new LimitUse(host.table(worstCases), this.orders);
    this.element = h('section', '', [h('div', 'bar mark', ['DESK']), this.facts.element, this.nearest], {
      'aria-label': 'Desk',
    });
  }

  draw(): void {
    const { facts } = this;
    const status = this.status.row(0);
    const state = status?.state() ?? -1;
    facts.set('engine', state < 0 ? '-' : nameOf(engineStates, state), state === 1 ? 'up' : 'down');
    const traded = this.orders.row(0);
    facts.set(
      'trading',
      traded === undefined ? '-' : tradingWords(traded),
      traded !== undefined && isReady(traded) ? 'up' : 'down',
    );
    facts.set('orders at work', traded === undefined ? '-' : whole(traded.openOrders()));
    let risk = 0;
    for (let slot = 0; slot < this.risk.count; slot++)
      if (this.risk.at(slot).scope() === EVERYTHING) risk = this.risk.at(slot).state();
    facts.set('risk', risk === 0 ? '-' : nameOf(riskStates, risk), risk === 1 ? 'up' : 'down');
    const firing: string[] = [];
    for (let slot = 0; slot < this.rules.count; slot++)
      if (this.rules.at(slot).state() === FIRING) firing.push(this.rules.texts[slot]?.split('\t')[0] ?? '');
    facts.set(
      'alerts',
      firing.length === 0 ? 'none fires' : firing.slice(0, 3).join(', '),
      firing.length > 0 ? 'down' : '',
    );
    const shares: { name: string; share: number }[] = [];
    for (let slot = 0; slot < this.limits.count; slot++) {
      const row = this.limits.at(slot);
      const share = this.used.of(row.limit()) / row.value();
      if (Number.isFinite(share)) shares.push({ name: limitNames[row.limit()]?.[0] ?? '', share });
    }
    shares.sort((a, b) => b.share - a.share);
    const words = shares.slice(0, SHOWN_LIMITS).map(({ name, share }) => `${name} ${percent(share, 1)} %`);
    setText(
      this.nearest,
      words.length === 0 ? 'no use of a limit is told yet' : `nearest limits: ${words.join(' · ')}`,
    );
  }
}
