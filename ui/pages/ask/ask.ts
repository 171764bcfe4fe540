import { button, h, setText } from '../../dom.js';
import { ask } from '../../net/http.js';
import type { OpenPage } from '../page.js';
import { resultTable } from '../result-table.js';
import {
  type AnswerEvent,
  type Asked,
  BASE,
  type ChatRow,
  type Status,
  screenOf,
  type Template,
  type TemplateAnswer,
} from './api.js';
import { ChatBar } from './chat-bar.js';
import { Conversation } from './conversation.js';
import { IncomingAnswer } from './incoming-answer.js';
import { markdown } from './markdown.js';
import { proposalCard } from './proposal-card.js';
import { Transcript } from './transcript.js';
import { answerText, type Message } from './tree.js';

/** The assistant: questions about what the engine does and did, answered with the results that they rest on. */
export const open: OpenPage = (host) => {
  const conversation = new Conversation();
  const note = h('p', 'note', [], { role: 'status' });
  const text = h('textarea', 'question', [], {
    rows: '3',
    'aria-label': 'Question',
    placeholder: 'Ask: Enter sends, Shift+Enter is a new line',
  });
  const send = button('Ask', () => void submit());
  const stop = button('Stop', () => void abort());
  stop.hidden = true;
  const bar = new ChatBar(host, conversation, { show, template: (one) => void template(one) });
  const transcript = new Transcript(host, conversation, {
    edit({ parent, text: words = '' }) {
      conversation.hangsOn = parent;
      text.value = words;
      text.focus();
      host.say('the question is asked anew beside the old one');
    },
    again: ({ id }) => void again(id),
    fork({ id }) {
      conversation.hangsOn = id;
      text.focus();
      host.say('the next question hangs on this answer');
    },
    branch: ({ id }) => void branch(id),
    remove: ({ id }) => void remove(id),
  });
  /** Resolves when the answer that is being written has ended. */
  let following: Promise<void> = Promise.resolve();
  let waits = false;
  let closed = false;
  /** Ends the following of an answer. */
  let leave: () => void = () => {};
  let status: Status = {};

  async function tellStatus(): Promise<void> {
    const { ok, words: trouble, body } = await ask('GET', `${BASE}/status`);
    status = ok ? (body as Status) : { reason: trouble };
    tellSpent();
    bar.tellStatus(status);
  }

  function tellSpent(): void {
    const { enabled, reason, model, spent, limits } = status;
    setText(
      note,
      enabled
        ? `${model}: ${(spent?.usd ?? 0).toFixed(3)} of ${limits?.usdPerUserAndDay ?? 0} USD spent today`
        : `Nothing is answered now: ${reason ?? 'no word from the gateway'}`,
    );
  }

  async function load(id: string): Promise<void> {
    if (!(await conversation.load(id)) || closed) return;
    bar.tellChat();
    transcript.draw();
  }

  function show(id: string | undefined): void {
    leave();
    conversation.leave();
    transcript.clear();
    if (id === undefined) conversation.forget();
    transcript.draw();
    if (id !== undefined) void openChat(id);
    else void tellStatus().then(() => bar.listChats());
  }

  async function openChat(id: string): Promise<void> {
    await load(id);
    await tellStatus();
    const leaf = conversation.messages.get(conversation.chat?.leaf ?? '');
    // Opened while an answer is being written: it is followed on.
    if (leaf?.status === 'streaming') await follow(leaf);
  }

  async function branch(id: string): Promise<void> {
    const trouble = await conversation.branch(id);
    if (trouble !== '') host.say(`not shown: ${trouble}`);
    transcript.draw();
  }

  async function remove(id: string): Promise<void> {
    if (!(await host.confirm('Delete this question and everything that hangs on it?'))) return;
    const trouble = await conversation.remove(id);
    if (trouble !== '') host.say(`not deleted: ${trouble}`);
    transcript.draw();
  }

  async function submit(): Promise<void> {
    const question = text.value.trim();
    if (question === '' || waits) return;
    const beside = conversation.hangsOn;
    if (conversation.writing !== undefined) {
      host.say('asked as soon as this answer has ended');
      waits = true;
      const { chat } = conversation;
      await following;
      waits = false;
      if (closed || chat?.id !== conversation.chat?.id) return;
    }
    if (conversation.chat === undefined) {
      const made = await ask('POST', `${BASE}/chats`, {});
      if (!made.ok) return host.say(made.words);
      conversation.open(made.body as ChatRow);
    }
    const { chat } = conversation;
    if (chat === undefined) return;
    const parent = beside === undefined ? chat.leaf : beside;
    const asked = await write(`chats/${chat.id}/questions`, { text: question, parent });
    if (asked === undefined) return;
    text.value = '';
    conversation.hangsOn = undefined;
    await follow(asked);
  }

  async function again(question: string): Promise<void> {
    const { chat, writing } = conversation;
    if (chat === undefined || writing !== undefined) return;
    const asked = await write(`chats/${chat.id}/answers`, { question });
    if (asked !== undefined) await follow(asked);
  }

  /** Has an answer written, and shows it as what is to come. @returns it, if it is being written */
  async function write(path: string, given: object): Promise<Message | undefined> {
    const { ok, words, body } = await ask('POST', `${BASE}/${path}`, { ...given, screen: screenOf(host.target) });
    if (!ok) {
      setText(note, words);
      return undefined;
    }
    const asked = body as Asked;
    conversation.add(asked);
    return asked.answer;
  }

  function follow(answer: Message): Promise<void> {
    following = followToEnd(answer);
    return following;
  }

  /** Draws what the answer's own events tell: nothing else of the chat has changed, so nothing else is asked for or drawn. */
  async function followToEnd(answer: Message): Promise<void> {
    conversation.writing = answer.id;
    stop.hidden = false;
    const place = transcript.place(answer.id);
    transcript.draw();
    const incoming = new IncomingAnswer(place, transcript.element, transcript.cite, (proposal) => {
      conversation.proposals.push(proposal);
      return proposalCard(proposal.card, conversation, host);
    });
    await new Promise<void>((resolve) => {
      const unfollow = host.connection.followAnswer(answer.id, ({ next, events }) => {
        for (const event of events as AnswerEvent[]) incoming.take(event);
        if (next === null || (events as AnswerEvent[]).at(-1)?.kind === 'end') leave();
      });
      leave = () => {
        unfollow();
        resolve();
      };
    });
    const told = incoming.end(answer);
    conversation.writing = undefined;
    stop.hidden = true;
    const { chat } = conversation;
    // Another chat is shown by now.
    if (closed || chat === undefined || !conversation.messages.has(answer.id)) return;
    if (told === undefined) {
      // Its end came while nobody listened: the chat has it.
      await load(chat.id);
      await tellStatus();
    } else {
      conversation.messages.set(told.id, told);
      transcript.draw(false);
      if (status.spent !== undefined) status.spent.usd += told.usd ?? 0;
      tellSpent();
    }
    if (chat.title === '') await tellNewChat();
  }

  /** Its first question gave a chat its name. */
  async function tellNewChat(): Promise<void> {
    await bar.listChats();
    bar.tellStatus(status);
    bar.tellChat();
  }

  async function abort(): Promise<void> {
    const { writing } = conversation;
    if (writing !== undefined) await ask('DELETE', `${BASE}/answers/${writing}`);
  }

  /** With a key the question is put; without one the store answers by itself. */
  async function template({ name, title, question }: Template): Promise<void> {
    if (status.enabled) {
      text.value = question;
      return submit();
    }
    setText(note, `${title}: asked of the store, without a model`);
    const { ok, words, body } = await ask('POST', `${BASE}/templates/${name}`, {});
    if (!ok) return setText(note, words);
    const { parts = [] } = body as TemplateAnswer;
    transcript.element.replaceChildren(
      h('h3', '', [title]),
      ...parts.flatMap((part) => [
        h('b', '', [part.title]),
        part.error === undefined ? resultTable(part.columns ?? [], part.rows ?? []) : h('p', 'note bad', [part.error]),
      ]),
    );
  }

  async function showShared(link: string): Promise<void> {
    const { ok, words, body } = await ask('GET', `${BASE}/shared/${encodeURIComponent(link)}`);
    if (!ok) return setText(note, words);
    const found = body as { id: string | null; title: string; owner: string; messages: Message[] };
    if (found.id === null) return setText(note, 'nothing is shared by this link');
    setText(note, `${found.title}, by ${found.owner}: to be read only`);
    for (const message of found.messages) conversation.messages.set(message.id, message);
    transcript.element.replaceChildren(
      ...found.messages.map((message) =>
        message.role === 'user'
          ? h('p', 'mark', [message.text ?? ''])
          : h('section', '', markdown(answerText(message), transcript.cite)),
      ),
    );
  }

  async function begin(): Promise<void> {
    await tellStatus();
    await bar.listChats();
    const link = host.words[0];
    if (link !== undefined) return showShared(link);
    const { last } = Conversation;
    if (last !== null) await openChat(last);
  }

  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  host.body.append(bar.element, note, transcript.element, h('div', 'form', [text, send, stop]));
  void begin();
  return {
    draw() {},
    closed() {
      closed = true;
      leave();
    },
  };
};
