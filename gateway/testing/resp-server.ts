import { createServer, type Server, type Socket } from 'node:net';

/** What a command answers: text, a number, nothing, or a list of these. */
type Reply = string | number | null | Reply[] | Error | Map<string, Reply>;

/** A server of the Redis protocol on the loopback interface, as far as the gateway's store goes: strings that end, counters, transactions. */
export class RespServer {
  readonly values = new Map<string, { value: string; ends: number }>();
  /** Commands that came, in order. */
  readonly asked: string[][] = [];
  /** Takes connections and commands, and answers nothing. */
  isSilent = false;
  port = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
      let rest = Buffer.alloc(0);
      let queue: string[][] | undefined;
      socket.on('data', (piece) => {
        rest = Buffer.concat([rest, piece]);
        for (;;) {
          const read = readCommand(rest);
          if (read === undefined) return;
          rest = rest.subarray(read.bytes);
          this.asked.push(read.words);
          if (this.isSilent) continue;
          const name = read.words[0]!.toUpperCase();
          if (name === 'MULTI') {
            queue = [];
            socket.write(written('OK'));
          } else if (name === 'EXEC') {
            const replies = (queue ?? []).map((words) => this.run(words));
            queue = undefined;
            socket.write(written(replies));
          } else if (queue !== undefined) {
            queue.push(read.words);
            socket.write(written('QUEUED'));
          } else socket.write(written(this.run(read.words)));
        }
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(port, '127.0.0.1', listening));
    this.port = (this.server.address() as { port: number }).port;
    return `redis://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private run([command = '', key = '', value = '', ...options]: string[]): Reply {
    const now = Date.now();
    const found = this.values.get(key);
    const there = found !== undefined && found.ends > now ? found : undefined;
    switch (command.toUpperCase()) {
      case 'HELLO':
        return new Map<string, Reply>([
          ['server', 'redis'],
          ['version', '7.4.0'],
          ['proto', Number(key || 2)],
        ]);
      case 'CLIENT':
      case 'SELECT':
        return 'OK';
      case 'PING':
        return 'PONG';
      case 'GET':
        return there?.value ?? null;
      case 'SET': {
        const words = options.map((word) => word.toUpperCase());
        if (words.includes('NX') && there !== undefined) return null;
        const at = words.indexOf('PX');
        this.values.set(key, { value, ends: at < 0 ? Number.POSITIVE_INFINITY : now + Number(options[at + 1]) });
        return 'OK';
      }
      case 'INCRBY': {
        const sum = Number(there?.value ?? 0) + Number(value);
        this.values.set(key, { value: String(sum), ends: there?.ends ?? Number.POSITIVE_INFINITY });
        return sum;
      }
      default:
        return new Error(`ERR unknown command '${command}'`);
    }
  }
}

/** A command as a list of bulk strings; undefined where it has not come whole. */
function readCommand(bytes: Buffer): { words: string[]; bytes: number } | undefined {
  const lineAt = (from: number): { text: string; next: number } | undefined => {
    const end = bytes.indexOf('\r\n', from);
    return end < 0 ? undefined : { text: bytes.toString('utf8', from, end), next: end + 2 };
  };
  const head = lineAt(0);
  if (head === undefined) return undefined;
  const words: string[] = [];
  let at = head.next;
  for (let word = 0; word < Number(head.text.slice(1)); word++) {
    const size = lineAt(at);
    if (size === undefined) return undefined;
    const length = Number(size.text.slice(1));
    if (bytes.length < size.next + length + 2) return undefined;
    words.push(bytes.toString('utf8', size.next, size.next + length));
    at = size.next + length + 2;
  }
  return { words, bytes: at };
}

function written(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(written).join('')}`;
  if (reply instanceof Map) return written([...reply].flat());
  return reply === 'OK' || reply === 'QUEUED' || reply === 'PONG'
    ? `+${reply}\r\n`
    : `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
}
