import { WebSocket } from 'ws';

export interface Answer {
  id?: number;
  result?: { order?: { order_id: string }; order_id?: string };
  error?: { code: number; message: string };
}

/** A client over one socket, with so many requests in flight. */
export class OrderClient {
  readonly #socket: WebSocket;
  #answered: (answer: Answer) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#answered(JSON.parse(data.toString('latin1')) as Answer));
  }

  static async connect(port: number): Promise<OrderClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/api/v2`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new OrderClient(socket);
  }

  ask(method: string, params: object): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: 0, method, params }));
    });
  }

  /** Sends requests, so many in flight, as `next` gives them; resolves with milliseconds of each when all are answered. */
  run(count: number, inFlight: number, next: (last: Answer | undefined) => string): Promise<Float64Array> {
    const sentAt = new Float64Array(count);
    const took = new Float64Array(count);
    let sent = 0;
    let done = 0;
    return new Promise((resolve, reject) => {
      const send = (last?: Answer): void => {
        const id = sent++;
        sentAt[id] = performance.now();
        this.#socket.send(`{"jsonrpc":"2.0","id":${id},${next(last)}}`);
      };
      this.#answered = (answer) => {
        if (answer.error !== undefined) reject(new Error(`an order was refused: ${JSON.stringify(answer.error)}`));
        took[answer.id!] = performance.now() - sentAt[answer.id!]!;
        if (++done === count) resolve(took);
        else if (sent < count) send(answer);
      };
      while (sent < Math.min(inFlight, count)) send();
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
