import { type Chat, type Message, textOf } from './conversation.js';

/** What is shown of a chat as Markdown: questions, answers, and which tools they rest on. */
export function chatAsMarkdown(chat: Chat, path: readonly Message[]): string {
  const parts = path.map((message) => {
    const at = new Date(message.created).toISOString();
    if (message.role === 'user') return `## Question, ${at}\n\n${message.text}\n`;
    const results = message.rounds.flatMap(({ results: of }) => of.map(({ ref, name }) => `[#${ref}] ${name}`));
    const rests = results.length === 0 ? '' : `\nRests on: ${results.join(', ')}\n`;
    const failed = message.failure === undefined ? '' : `\n(${message.failure.words})\n`;
    return `## Answer, ${at}, ${message.model}\n\n${textOf(message)}\n${failed}${rests}`;
  });
  return `# ${chat.title}\n\n${parts.join('\n')}`;
}

/** The whole tree, without what was deleted and without the link. */
export function chatAsJson(chat: Chat, messages: readonly Message[]): object {
  const { share: _, ...rest } = chat;
  return { ...rest, messages: messages.filter(({ deleted }) => !deleted) };
}
