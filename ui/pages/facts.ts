import { h, setText } from '../dom.js';

/** Names with values beside them, in the order in which they are told. */
export class Facts {
  readonly element = h('dl', 'tiles');
  private readonly values = new Map<string, HTMLElement>();

  set(name: string, text: string, tone = ''): void {
    let value = this.values.get(name);
    if (value === undefined) {
      value = h('dd', '', [], {});
      value.style.margin = '0';
      this.values.set(name, value);
      this.element.append(h('div', 'tile', [value, h('dt', 'dim', [name])]));
    }
    setText(value, text);
    if (value.className !== tone) value.className = tone;
  }
}
