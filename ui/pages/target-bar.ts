import { ALL, expiryName } from '../command/target.js';
import { button, h, setText } from '../dom.js';
import type { PaneHost } from './page.js';

/** The underlyings and expiries that a page can turn to. */
export interface ExpiryBar {
  element: HTMLElement;
  underlying(): string;
  /** Microseconds since the Unix epoch; undefined while none is listed. */
  expiry(): number | undefined;
  draw(): void;
}

/** @param withExpiries false where a page shows all of them */
export function expiryBar(host: PaneHost, code: string, withExpiries = true): ExpiryBar {
  const element = h('div', 'bar');
  const choices = h('span', 'choices');
  const missing = h('span', 'bad');
  element.append(choices, missing);
  let drawn = '';
  const underlying = () => host.target.underlying ?? host.markets.underlyings[0] ?? '';
  const expiry = () => host.markets.expiryNamed(underlying(), host.target.expiry);
  return {
    element,
    underlying,
    expiry,
    draw() {
      const names = host.markets.underlyings;
      const days = withExpiries ? host.markets.expiries(underlying()).map(expiryName) : [];
      const text = `${names} ${underlying()} ${days} ${expiry()}`;
      if (text === drawn) return;
      drawn = text;
      const day = expiryName(expiry() ?? 0);
      const { expiry: wanted } = host.target;
      // A dashboard outlives its expiries: what is shown in the place of one must not pass for it.
      const isMissing = withExpiries && wanted !== undefined && days.length > 0 && !days.includes(wanted);
      setText(missing, isMissing ? `there is no ${wanted}: this is ${day}` : '');
      choices.replaceChildren(
        ...names.map((name) => button(name, () => host.run(`${name} ${code}`), name === underlying() ? 'mark' : '')),
        ...days.map((name) =>
          button(name, () => host.run(`${underlying()} ${name} ${code}`), name === day ? 'mark' : ''),
        ),
      );
    },
  };
}

/** Buttons that limit a table to an underlying, or show all again. */
export function underlyingBar(host: PaneHost, code: string): { element: HTMLElement; draw(): void } {
  const choices = h('span', 'choices');
  let drawn = '';
  return {
    element: h('div', 'bar', [choices]),
    draw() {
      const { underlyings } = host.markets;
      const text = underlyings.join(' ');
      if (text === drawn) return;
      drawn = text;
      const shown = host.target.underlying ?? ALL;
      choices.replaceChildren(
        ...[...underlyings, ALL].map((name) =>
          button(name, () => host.run(`${name} ${code}`), name === shown ? 'mark' : ''),
        ),
      );
    },
  };
}
