import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came, whole. */
export interface HeardRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it stood on the wire. */
  text: string;
  body: {
    model: string;
    system: unknown;
    tools: { name: string }[];
    messages: {
      role: string;
      content: {
        type: string;
        text?: string;
        id?: string;
        tool_use_id?: string;
        content?: string;
        is_error?: boolean;
      }[];
    }[];
    [field: string]: unknown;
  };
}

/** Answers one request. */
export type Script = (response: ServerResponse, request: HeardRequest) => void | Promise<void>;

/** Speaks the Messages API on the loopback interface, one script a request. */
export class MessagesServer {
  readonly heard: HeardRequest[] = [];
  private readonly scripts: Script[] = [];
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const heard = {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text) as HeardRequest['body'],
      };
      this.heard.push(heard);
      const script = this.scripts.shift() ?? error(500, 'api_error');
      void script(response, heard);
    });
    response.on('error', () => {});
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What the next requests are answered with. */
  plays(...scripts: Script[]): void {
    this.scripts.push(...scripts);
  }

  /** Drops what was not played. */
  forget(): void {
    this.scripts.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export type Event = [name: string, data: object];

export function sse([name, data]: Event, end = '\n'): string {
  return `event: ${name}${end}data: ${JSON.stringify({ type: name, ...data })}${end}${end}`;
}

const USAGE = { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 40, cache_creation_input_tokens: 10 };

export function start(usage: object = USAGE): Event {
  return [
    'message_start',
    {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage,
      },
    },
  ];
}

export function end(stop: string, output = 20): Event[] {
  return [
    ['message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: output } }],
    ['message_stop', {}],
  ];
}

/** Events of a block of text, in pieces. */
export function text(pieces: readonly string[], index = 0): Event[] {
  return [
    ['content_block_start', { index, content_block: { type: 'text', text: '' } }],
    ...pieces.map((piece): Event => ['content_block_delta', { index, delta: { type: 'text_delta', text: piece } }]),
    ['content_block_stop', { index }],
  ];
}

/** Events of a use of a tool, its JSON in pieces. */
export function use(id: string, name: string, pieces: readonly string[], index = 0): Event[] {
  return [
    ['content_block_start', { index, content_block: { type: 'tool_use', id, name, input: {} } }],
    ...pieces.map(
      (piece): Event => ['content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } }],
    ),
    ['content_block_stop', { index }],
  ];
}

/** Streams bytes in chunks of a size, and ends. */
export function stream(
  events: readonly Event[],
  options: { chunk?: number; lineEnd?: string; stays?: boolean; cut?: boolean } = {},
): Script {
  return async (response) => {
    const { chunk, lineEnd = '\n', stays = false, cut = false } = options;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const bytes = Buffer.from(events.map((event) => sse(event, lineEnd)).join(''));
    if (chunk === undefined) response.write(bytes);
    else
      for (let at = 0; at < bytes.length; at += chunk) {
        response.write(bytes.subarray(at, at + chunk));
        // Each chunk in a read of its own.
        await new Promise((resolve) => setImmediate(resolve));
      }
    // A reset takes with it what a busy client has not read yet.
    if (cut) setTimeout(() => response.socket?.resetAndDestroy(), 750);
    else if (!stays) response.end();
  };
}

/** Says one text and ends. */
export const says = (...pieces: string[]): Script => stream([start(), ...text(pieces), ...end('end_turn')]);

/** Uses tools, and waits for their results. */
export function uses(...calls: [id: string, name: string, input: object][]): Script {
  const blocks = calls.flatMap(([id, name, input], index) => use(id, name, [JSON.stringify(input)], index));
  return stream([start(), ...blocks, ...end('tool_use')]);
}

export function error(status: number, type: string, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error: { type, message: 'words of the other side' } }));
  };
}
