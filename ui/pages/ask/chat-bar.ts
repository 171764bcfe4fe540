import { button, download, h } from '../../dom.js';
import { ask } from '../../net/http.js';
import type { PaneHost } from '../page.js';
import { BASE, type ChatRow, type Status, type Template } from './api.js';
import type { Conversation } from './conversation.js';

/** What the bar has the page do. */
export interface ChatBarActs {
  /** Opens a chat; undefined for a new one. */
  show(id: string | undefined): void;
  template(template: Template): void;
}

/** The user's chats: found, opened, named, saved, shared and deleted; and the desk's usual questions. */
export class ChatBar {
  readonly element = h('div', 'form');
  private readonly host: PaneHost;
  private readonly conversation: Conversation;
  private readonly acts: ChatBarActs;
  private readonly list = h('select', '', [], { 'aria-label': 'Chats' });
  private readonly words = h('input', '', [], {
    type: 'search',
    'aria-label': 'Search in chats',
    placeholder: 'search',
    size: '12',
  });
  private readonly title = h('input', '', [], {
    type: 'text',
    'aria-label': 'Name of the chat',
    maxlength: '120',
    size: '20',
  });

  constructor(host: PaneHost, conversation: Conversation, acts: ChatBarActs) {
    this.host = host;
    this.conversation = conversation;
    this.acts = acts;
    this.words.addEventListener('change', () => void this.listChats());
    this.list.addEventListener('change', () => acts.show(this.list.value || undefined));
  }

  /** The open chat is another one, or has another name. */
  tellChat(): void {
    const { chat } = this.conversation;
    this.title.value = chat?.title ?? '';
    this.list.value = chat?.id ?? '';
  }

  tellStatus({ templates = [] }: Status): void {
    this.element.replaceChildren(
      this.words,
      this.list,
      button('New', () => this.acts.show(undefined)),
      ...(this.conversation.chat === undefined
        ? []
        : [
            this.title,
            button('Rename', () => void this.rename()),
            button('Save', () => void this.save('json')),
            button('Markdown', () => void this.save('markdown')),
            button('Share', () => void this.share()),
            button('Delete', () => void this.remove()),
          ]),
      ...templates.map((one) => button(one.title, () => this.acts.template(one), 'mark')),
    );
  }

  async listChats(): Promise<void> {
    const wanted = this.words.value.trim();
    const { ok, body } = await ask('GET', `${BASE}/chats?words=${encodeURIComponent(wanted)}`);
    const { chats = [] } = (ok ? body : {}) as { chats?: ChatRow[] };
    if (wanted !== '')
      this.host.say(chats.length === 0 ? `no chat holds '${wanted}'` : `${chats.length} chats hold '${wanted}'`);
    this.list.replaceChildren(
      h('option', '', ['(new chat)'], { value: '' }),
      ...chats.map(({ id, title }) => h('option', '', [title || 'without a name'], { value: id })),
    );
    const { chat } = this.conversation;
    this.list.value = chat?.id ?? '';
    // The first question gives a chat its name.
    if (chat !== undefined) chat.title = chats.find(({ id }) => id === chat.id)?.title ?? chat.title;
  }

  private async rename(): Promise<void> {
    const { conversation, host } = this;
    const title = this.title.value.trim();
    if (conversation.chat === undefined || title === '') return host.say('a chat needs a name');
    const { ok, words } = await ask('PUT', `${BASE}/chats/${conversation.chat.id}`, { title });
    if (ok) conversation.chat = { ...conversation.chat, title };
    host.say(ok ? '' : `not renamed: ${words}`);
    await this.listChats();
  }

  /** The whole tree, or what is shown of it as a text. */
  private async save(format: 'json' | 'markdown'): Promise<void> {
    const { chat } = this.conversation;
    if (chat === undefined) return;
    const { ok, words, body, text } = await ask('POST', `${BASE}/chats/${chat.id}/export`, { format });
    if (!ok) return this.host.say(words);
    if (format === 'markdown') download('volfilter-chat.md', new Blob([text], { type: 'text/markdown' }));
    else download('volfilter-chat.json', new Blob([JSON.stringify(body, null, 2)], { type: 'application/json' }));
  }

  private async share(): Promise<void> {
    const { chat } = this.conversation;
    if (chat === undefined) return;
    const { ok, words, body } = await ask('POST', `${BASE}/chats/${chat.id}/share`, {});
    const { link } = (body ?? {}) as { link?: string };
    this.host.say(ok ? `colleagues read it by: ASK ${link}` : words);
  }

  private async remove(): Promise<void> {
    const { chat } = this.conversation;
    if (chat === undefined || !(await this.host.confirm('Delete this chat?'))) return;
    await ask('DELETE', `${BASE}/chats/${chat.id}`);
    this.acts.show(undefined);
  }
}
