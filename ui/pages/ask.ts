import { button, download, h, setText } from '../dom.js';
import { ask, command } from '../net/http.js';
import { type AnswerEvent, BASE, type ChatRow, type Status, screenOf, type TemplateAnswer } from './ask-api.js';
import { resultNode } from './ask-result.js';
import { answerText, type Message, type Proposal, pathTo, siblings } from './ask-tree.js';
import { MarkdownStream, markdown } from './markdown.js';
import type { OpenPage } from './page.js';
import { resultTable } from './result-table.js';

/** Pixels from the end within which a reader is taken to follow what comes. */
const AT_THE_END = 48;
const LAST_CHAT = 'volfilter.chat';

/** An answer as it stands on the screen: its words, and what is told below them. */
interface DrawnAnswer {
  section: HTMLElement;
  said: HTMLElement;
  text: string;
}

/** The assistant: questions about what the engine does and did, answered with the results that they rest on. */
export const open: OpenPage = (host) => {
  const top = h('div', 'form');
  const list = h('select', '', [], { 'aria-label': 'Chats' });
  const words = h('input', '', [], {
    type: 'search',
    'aria-label': 'Search in chats',
    placeholder: 'search',
    size: '12',
  });
  const title = h('input', '', [], { type: 'text', 'aria-label': 'Name of the chat', maxlength: '120', size: '20' });
  const note = h('p', 'note', [], { role: 'status' });
  const talk = h('div', 'lines talk', [], { tabindex: '0', role: 'log', 'aria-label': 'Conversation' });
  const text = h('textarea', 'question', [], {
    rows: '3',
    'aria-label': 'Question',
    placeholder: 'Ask: Enter sends, Shift+Enter is a new line',
  });
  const send = button('Ask', () => void submit());
  const stop = button('Stop', () => void abort());
  stop.hidden = true;
  const messages = new Map<string, Message>();
  let proposals: Proposal[] = [];
  let chat: ChatRow | undefined;
  /** Message that the next question hangs on; undefined: the end of what is shown. */
  let hangsOn: string | null | undefined;
  let writing: string | undefined;
  /** Resolves when the answer that is being written has ended. */
  let following: Promise<void> = Promise.resolve();
  let waits = false;
  /** Answers that are drawn, by message: their words are not drawn again with the conversation. */
  const drawn = new Map<string, DrawnAnswer>();
  /** Results that the reader has opened: they stay open when the conversation is drawn again. */
  const opened = new Set<string>();
  let closed = false;
  /** Ends the following of an answer. */
  let leave: () => void = () => {};
  let status: Status = {};

  async function tellStatus(): Promise<void> {
    const { ok, words: trouble, body } = await ask('GET', `${BASE}/status`);
    status = ok ? (body as Status) : { reason: trouble };
    const { enabled, reason, model, spent, limits, templates = [] } = status;
    setText(
      note,
      enabled
        ? `${model}: ${(spent?.usd ?? 0).toFixed(3)} of ${limits?.usdPerUserAndDay ?? 0} USD spent today`
        : `The assistant does not answer: ${reason ?? 'no word from the gateway'}`,
    );
    top.replaceChildren(
      words,
      list,
      button('New', () => show(undefined)),
      ...(chat === undefined
        ? []
        : [
            title,
            button('Rename', () => void rename()),
            button('Save', () => void save()),
            button('Share', () => void share()),
            button('Delete', () => void remove()),
          ]),
      ...templates.map((one) => button(one.title, () => void template(one), 'mark')),
    );
  }

  async function listChats(): Promise<void> {
    const wanted = words.value.trim();
    const { ok, body } = await ask('GET', `${BASE}/chats?words=${encodeURIComponent(wanted)}`);
    const { chats = [] } = (ok ? body : {}) as { chats?: ChatRow[] };
    if (wanted !== '')
      host.say(chats.length === 0 ? `no chat holds '${wanted}'` : `${chats.length} chats hold '${wanted}'`);
    list.replaceChildren(
      h('option', '', ['(new chat)'], { value: '' }),
      ...chats.map(({ id, title: named }) => h('option', '', [named || 'without a name'], { value: id })),
    );
    list.value = chat?.id ?? '';
  }

  async function rename(): Promise<void> {
    if (chat === undefined || title.value.trim() === '') return host.say('a chat needs a name');
    const { ok, words: trouble } = await ask('PUT', `${BASE}/chats/${chat.id}`, { title: title.value.trim() });
    if (ok) chat = { ...chat, title: title.value.trim() };
    host.say(ok ? '' : `not renamed: ${trouble}`);
    await listChats();
  }

  async function load(id: string): Promise<void> {
    const { ok, body } = await ask('GET', `${BASE}/chats/${id}`);
    if (!ok || closed) return;
    const found = body as { chat: ChatRow | null; messages: Message[]; proposals: Proposal[] };
    if (found.chat === null || found.chat === undefined) {
      localStorage.removeItem(LAST_CHAT);
      return;
    }
    chat = found.chat;
    localStorage.setItem(LAST_CHAT, id);
    messages.clear();
    for (const message of found.messages) messages.set(message.id, message);
    proposals = found.proposals;
    title.value = chat.title;
    draw();
  }

  function show(id: string | undefined): void {
    chat = undefined;
    messages.clear();
    drawn.clear();
    proposals = [];
    opened.clear();
    hangsOn = undefined;
    if (id === undefined) localStorage.removeItem(LAST_CHAT);
    draw();
    if (id !== undefined) void load(id).then(tellStatus);
    else void tellStatus().then(listChats);
  }

  /** Shows what an answer rests on. */
  function cite(ref: number): void {
    opened.add(String(ref));
    const found = talk.querySelector<HTMLDetailsElement>(`[data-ref="${ref}"]`);
    // While an answer comes its results are not drawn yet: then it opens with them.
    if (found === null && writing !== undefined) return;
    if (found === null) {
      host.say(`there is no result ${ref} in this conversation`);
      return;
    }
    found.open = true;
    found.scrollIntoView({ block: 'nearest' });
  }

  function cardNode(card: Proposal['card']): HTMLElement {
    const waiting = proposals.find((one) => one.card.id === card.id);
    const confirm = async () => {
      if (waiting === undefined) return;
      const outcome = await command(
        'POST',
        `${BASE}/proposals/${waiting.nonce}`,
        { hash: waiting.card.hash },
        host.confirm.bind(host),
      );
      proposals = proposals.filter((one) => one !== waiting);
      host.say(outcome.ok ? `done: ${card.summary}` : `NOT DONE: ${outcome.words}`);
      const { lines = [] } = (outcome.body ?? {}) as { lines?: string[] };
      node.replaceWith(cardNode(card));
      for (const line of lines) {
        host.run('RIGHT');
        host.run(line);
      }
    };
    const node = h('section', 'card', [
      h('b', '', [`PROPOSAL: ${card.summary}`]),
      h('pre', 'code', [card.diff.join('\n')]),
      waiting === undefined
        ? h('span', 'dim', ['carried out, or lapsed'])
        : h('span', '', [
            button('Confirm', () => void confirm()),
            button('Dismiss', () => {
              proposals = proposals.filter((one) => one !== waiting);
              node.replaceWith(cardNode(card));
            }),
          ]),
    ]);
    return node;
  }

  function pager(message: Message): HTMLElement[] {
    const all = siblings(messages, message);
    if (all.length < 2) return [];
    const at = all.findIndex(({ id }) => id === message.id);
    const turn = (by: number) =>
      button(by < 0 ? '<' : '>', () => {
        const other = all[at + by];
        if (other !== undefined) void branch(other.id);
      });
    return [turn(-1), h('span', 'dim', [`${at + 1}/${all.length}`]), turn(1)];
  }

  async function branch(id: string): Promise<void> {
    if (chat === undefined) return;
    await ask('PUT', `${BASE}/chats/${chat.id}`, { show: id });
    await load(chat.id);
  }

  function messageNode(message: Message): HTMLElement {
    if (message.role === 'user') {
      const edit = () => {
        hangsOn = message.parent;
        text.value = message.text ?? '';
        text.focus();
        host.say('the question is asked anew beside the old one');
      };
      return h('section', 'asked', [
        h('p', 'mark', [message.text ?? '']),
        h('div', 'dim', [button('edit', edit), button('again', () => void again(message.id)), ...pager(message)]),
      ]);
    }
    return answerNode(message);
  }

  /** The words of an answer as they were drawn before, where they are the same. */
  function drawnAnswer(id: string, text: string | undefined): DrawnAnswer {
    const known = drawn.get(id);
    if (known !== undefined && (text === undefined || known.text === text)) return known;
    const said = h('div', 'said', text === undefined ? [] : markdown(text, cite));
    const made = { section: h('section', 'answered', [said]), said, text: text ?? '' };
    drawn.set(id, made);
    return made;
  }

  function answerNode(message: Message): HTMLElement {
    if (message.id === writing) return drawnAnswer(message.id, undefined).section;
    const { rounds = [], cards = [], usage, usd = 0, failure } = message;
    const fork = () => {
      hangsOn = message.id;
      text.focus();
      host.say('the next question hangs on this answer');
    };
    const cost =
      usage === undefined
        ? ''
        : `${usage.input + usage.cacheRead + usage.cacheWrite} in (${usage.cacheRead} kept), ${usage.output} out, ${usd.toFixed(4)} USD `;
    const { section, said } = drawnAnswer(message.id, answerText(message));
    // The words stay where they are: to put them in again would lay a long answer out anew.
    while (section.lastChild !== null && section.lastChild !== said) section.lastChild.remove();
    section.append(
      ...(failure === undefined ? [] : [h('p', 'note bad', [failure.words])]),
      ...cards.map(cardNode),
      ...rounds.flatMap(({ results }) => results.map((result) => resultNode(result, opened, (line) => host.run(line)))),
      h('div', 'dim', [cost, button('fork', fork), ...pager(message)]),
    );
    return section;
  }

  function draw(): void {
    const wanted = pathTo(messages, chat?.leaf ?? null).map(messageNode);
    // What stands where it belongs is not touched.
    for (const [at, node] of wanted.entries())
      if (talk.children[at] !== node) talk.insertBefore(node, talk.children[at] ?? null);
    while (talk.children.length > wanted.length) talk.lastElementChild?.remove();
    talk.scrollTop = talk.scrollHeight;
  }

  async function submit(): Promise<void> {
    const question = text.value.trim();
    if (question === '' || waits) return;
    const beside = hangsOn;
    if (writing !== undefined) {
      host.say('asked as soon as this answer has ended');
      waits = true;
      await following;
      waits = false;
      if (closed) return;
    }
    if (chat === undefined) {
      const made = await ask('POST', `${BASE}/chats`, {});
      if (!made.ok) return host.say(made.words);
      chat = made.body as ChatRow;
    }
    const parent = beside === undefined ? chat.leaf : beside;
    const { ok, words, body } = await ask('POST', `${BASE}/chats/${chat.id}/questions`, {
      text: question,
      parent,
      screen: screenOf(host.target),
    });
    if (!ok) return setText(note, words);
    text.value = '';
    hangsOn = undefined;
    await follow((body as { answer: { id: string } }).answer.id);
  }

  async function again(question: string): Promise<void> {
    if (chat === undefined || writing !== undefined) return;
    const { ok, words, body } = await ask('POST', `${BASE}/chats/${chat.id}/answers`, {
      question,
      screen: screenOf(host.target),
    });
    if (!ok) return setText(note, words);
    await follow((body as { answer: { id: string } }).answer.id);
  }

  function follow(id: string): Promise<void> {
    following = followToEnd(id);
    return following;
  }

  /** Draws an answer as it comes, at most once a frame. */
  async function followToEnd(id: string): Promise<void> {
    if (chat === undefined) return;
    writing = id;
    stop.hidden = false;
    drawn.delete(id);
    const answer = drawnAnswer(id, undefined);
    const { section, said } = answer;
    const told = h('span', 'dim');
    section.append(told);
    talk.append(section);
    const stream = new MarkdownStream(said, cite);
    let came = '';
    /** A tool was used since the last words: what follows is a paragraph of its own. */
    let used = false;
    const grow = () => {
      if (came === '') return;
      const follows = talk.scrollHeight - talk.scrollTop - talk.clientHeight < AT_THE_END;
      stream.append(came);
      answer.text += came;
      came = '';
      if (follows) talk.scrollTop = talk.scrollHeight;
    };
    const take = (event: AnswerEvent) => {
      if (event.kind === 'text') {
        if (came === '') requestAnimationFrame(grow);
        came += used && answer.text + came !== '' ? `\n\n${event.text}` : event.text;
        used = false;
        setText(told, '');
      } else if (event.kind === 'tool') {
        used = true;
        setText(told, `looks: ${event.name}`);
      } else if (event.kind === 'waits') setText(told, `${event.words}; again in ${Math.ceil(event.seconds)} s`);
      else if (event.kind === 'proposal') {
        proposals.push(event.proposal);
        section.insertBefore(cardNode(event.proposal.card), told);
      }
    };
    const begun = load(chat.id);
    await new Promise<void>((resolve) => {
      const unfollow = host.connection.followAnswer(id, ({ next, events }) => {
        for (const event of events as AnswerEvent[]) take(event);
        if (next === null || (events as AnswerEvent[]).at(-1)?.kind === 'end') leave();
      });
      leave = () => {
        unfollow();
        resolve();
      };
    });
    await begun;
    grow();
    stream.end();
    writing = undefined;
    stop.hidden = true;
    if (closed || chat === undefined) return;
    await load(chat.id);
    await tellStatus();
    await listChats();
  }

  async function abort(): Promise<void> {
    if (writing !== undefined) await ask('DELETE', `${BASE}/answers/${writing}`);
  }

  /** With a key the question is put; without one the store answers by itself. */
  async function template({ name, title, question }: { name: string; title: string; question: string }): Promise<void> {
    if (status.enabled) {
      text.value = question;
      return submit();
    }
    setText(note, `${title}: asked of the store, without a model`);
    const { ok, words, body } = await ask('POST', `${BASE}/templates/${name}`, {});
    if (!ok) return setText(note, words);
    const { parts = [] } = body as TemplateAnswer;
    talk.replaceChildren(
      h('h3', '', [title]),
      ...parts.flatMap((part) => [
        h('b', '', [part.title]),
        part.error === undefined ? resultTable(part.columns ?? [], part.rows ?? []) : h('p', 'note bad', [part.error]),
      ]),
    );
  }

  async function save(): Promise<void> {
    if (chat === undefined) return;
    const { ok, words, body } = await ask('POST', `${BASE}/chats/${chat.id}/export`, { format: 'json' });
    if (!ok) return host.say(words);
    download('volfilter-chat.json', new Blob([JSON.stringify(body, null, 2)], { type: 'application/json' }));
  }

  async function share(): Promise<void> {
    if (chat === undefined) return;
    const { ok, words, body } = await ask('POST', `${BASE}/chats/${chat.id}/share`, {});
    const { link } = (body ?? {}) as { link?: string };
    host.say(ok ? `colleagues read it by: ASK ${link}` : words);
  }

  async function remove(): Promise<void> {
    if (chat === undefined || !(await host.confirm('Delete this chat?'))) return;
    await ask('DELETE', `${BASE}/chats/${chat.id}`);
    show(undefined);
  }

  async function showShared(link: string): Promise<void> {
    const { ok, words, body } = await ask('GET', `${BASE}/shared/${encodeURIComponent(link)}`);
    if (!ok) return setText(note, words);
    const found = body as { id: string | null; title: string; owner: string; messages: Message[] };
    if (found.id === null) return setText(note, 'nothing is shared by this link');
    setText(note, `${found.title}, by ${found.owner}: to be read only`);
    for (const message of found.messages) messages.set(message.id, message);
    talk.replaceChildren(
      ...found.messages.map((message) =>
        message.role === 'user'
          ? h('p', 'mark', [message.text ?? ''])
          : h('section', '', markdown(answerText(message), cite)),
      ),
    );
  }

  words.addEventListener('change', () => void listChats());
  list.addEventListener('change', () => show(list.value || undefined));
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  host.body.append(top, note, talk, h('div', 'form', [text, send, stop]));
  const link = host.words[0];
  void tellStatus().then(async () => {
    await listChats();
    if (link !== undefined) return showShared(link);
    const last = localStorage.getItem(LAST_CHAT);
    if (last !== null) {
      await load(last);
      list.value = chat?.id ?? '';
      await tellStatus();
      const leaf = messages.get(chat?.leaf ?? '');
      // Loaded anew while an answer was being written: it is followed on.
      if (leaf?.status === 'streaming') await follow(leaf.id);
    }
  });
  return {
    draw() {},
    closed() {
      closed = true;
      leave();
    },
  };
};
