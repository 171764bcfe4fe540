import { type Completion, complete, type NamedFunction } from '../command/complete.js';
import { CommandHistory } from '../command/history.js';
import { h, setText } from '../dom.js';

const HISTORY = 'volfilter.history';

/** What the line can be completed with, asked when it is. */
export interface Vocabulary {
  functions: readonly NamedFunction[];
  underlyings(): readonly string[];
  expiries(): readonly string[];
  recent(): readonly string[];
}

/** The line that everything can be reached from: completion, history, numbered choices. */
export class CommandLine {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly message = h('output', 'command-message', [], { 'aria-live': 'polite' });
  private readonly list = h('ol', 'command-list', [], {
    role: 'listbox',
    id: 'completions',
    'aria-label': 'Completions',
  });
  private readonly vocabulary: Vocabulary;
  private readonly give: (line: string) => void;
  private readonly history = new CommandHistory(savedHistory());
  private completions: Completion[] = [];

  constructor(vocabulary: Vocabulary, give: (line: string) => void) {
    this.vocabulary = vocabulary;
    this.give = give;
    this.input = h('input', 'command-input', [], {
      type: 'text',
      autocomplete: 'off',
      autocapitalize: 'characters',
      spellcheck: 'false',
      placeholder: '[UND] [EXPIRY] [STRIKE] [C|P] FUNCTION <GO>, or HELP <GO>',
      role: 'combobox',
      'aria-label': 'Command',
      'aria-expanded': 'false',
      'aria-controls': 'completions',
    });
    const form = h('form', 'command', [
      h('span', 'command-prompt', ['>'], { 'aria-hidden': 'true' }),
      this.input,
      this.message,
    ]);
    this.element = h('div', 'command-area', [this.list, form]);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.go();
    });
    this.input.addEventListener('input', () => this.suggest());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('blur', () => this.show([]));
    this.list.addEventListener('pointerdown', (event) => {
      const place = [...this.list.children].indexOf((event.target as HTMLElement).closest('li') as HTMLElement);
      if (place >= 0) this.take(place);
      event.preventDefault();
    });
  }

  say(words: string): void {
    setText(this.message, words);
  }

  focus(): void {
    this.input.focus();
  }

  private go(): void {
    const line = this.input.value;
    const choice = /^[1-9]$/.exec(line.trim());
    this.say('');
    this.input.value = '';
    this.show([]);
    if (choice === null) {
      this.history.add(line);
      localStorage.setItem(HISTORY, JSON.stringify(this.history.lines));
    }
    this.give(line);
  }

  private take(place: number): void {
    const completion = this.completions[place];
    if (completion === undefined) return;
    this.input.value = `${completion.line} `;
    this.show([]);
    this.focus();
  }

  private suggest(): void {
    const { functions, underlyings, expiries, recent } = this.vocabulary;
    this.show(complete(this.input.value, functions, underlyings(), expiries(), recent()));
  }

  private show(completions: Completion[]): void {
    this.completions = completions;
    this.list.replaceChildren(
      ...completions.map(({ line, title }) =>
        h('li', '', [h('b', '', [line]), ` ${title}`], { role: 'option', 'aria-selected': 'false' }),
      ),
    );
    this.input.setAttribute('aria-expanded', String(completions.length > 0));
  }

  private key(event: KeyboardEvent): void {
    const { key } = event;
    // The key that leads here, where one is already.
    if (key === '/' && this.input.value === '') event.preventDefault();
    if (key === 'Tab' && this.completions.length > 0) this.take(0);
    else if (key === 'ArrowUp') this.input.value = this.history.before(this.input.value);
    else if (key === 'ArrowDown') this.input.value = this.history.after();
    else if (key === 'Escape' && !event.shiftKey) {
      if (this.input.value === '') this.input.blur();
      this.input.value = '';
      this.show([]);
    } else return;
    event.preventDefault();
  }
}

function savedHistory(): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(HISTORY) ?? '[]');
    return Array.isArray(saved) ? saved : [];
  } catch {
    return [];
  }
}
