import type { SessionHost } from '../host.js';

/** The venue refused a request. */
export class RpcRefusal extends Error {
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method} was refused: ${message} (${code})`);
    this.code = code;
  }
}

/** No answer will come: the time is over, or the connection. */
export class RpcLost extends Error {}

interface Pending {
  method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
  cancel(): void;
}

interface Answer {
  id?: unknown;
  result?: unknown;
  error?: { code?: unknown; message?: unknown };
}

/** Requests and their answers over one connection: JSON-RPC 2.0, named parameters. */
export class JsonRpc {
  readonly #host: SessionHost;
  readonly #timeoutMs: number;
  readonly #send: (text: string) => boolean;
  readonly #unanswered: (why: string) => void;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** `unanswered` is called when an answer is overdue: a venue that does not answer is not there. */
  constructor(
    host: SessionHost,
    timeoutMs: number,
    send: (text: string) => boolean,
    unanswered: (why: string) => void,
  ) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#send = send;
    this.#unanswered = unanswered;
  }

  /** The answer's result; rejects with RpcRefusal or RpcLost. */
  call(method: string, params: Record<string, unknown>): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (!this.#send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))) {
        reject(new RpcLost(`${method}: there is no connection`));
        return;
      }
      const cancel = this.#host.after(this.#timeoutMs, () => {
        const why = `${method}: no answer within ${this.#timeoutMs} ms`;
        this.#pending.delete(id);
        reject(new RpcLost(why));
        this.#unanswered(why);
      });
      this.#pending.set(id, { method, resolve, reject, cancel });
    });
  }

  /** Takes a message that may be an answer; false where it is none of ours. */
  answer(message: unknown): boolean {
    const { id, result, error } = message as Answer;
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) return false;
    this.#pending.delete(id as number);
    pending.cancel();
    if (error === undefined) pending.resolve(result);
    else pending.reject(new RpcRefusal(pending.method, Number(error.code), String(error.message)));
    return true;
  }

  /** The connection is gone. */
  lost(): void {
    for (const { method, reject, cancel } of this.#pending.values()) {
      cancel();
      reject(new RpcLost(`${method}: the connection was lost`));
    }
    this.#pending.clear();
  }
}
