import { WebSocket } from 'ws';
import { KEY } from './venue-process.js';

const CHANNELS_AT_ONCE = 100;

/** Follows books and tickers of all that is listed, each change of them, and what happens to the account: as an engine's feed does. */
export class ChainFollower {
  messages = 0;
  bytes = 0;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (text: string) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages++;
      this.bytes += data.length;
      // Answers alone have a number at this place.
      const id = /^\{"jsonrpc":"2.0","id":(\d+)/.exec(data.toString('latin1', 0, 40))?.[1];
      if (id === undefined) return;
      this.#waiting.get(Number(id))?.(data.toString());
      this.#waiting.delete(Number(id));
    });
  }

  static async connect(port: number): Promise<ChainFollower> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/api/v2`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new ChainFollower(socket);
  }

  /** Signs on and follows everything; how many channels. */
  async follow(): Promise<number> {
    await this.ask('public/auth', {
      grant_type: 'client_credentials',
      client_id: KEY.clientId,
      client_secret: KEY.clientSecret,
    });
    const listed = (await this.ask('public/get_instruments', { currency: 'any' })) as { instrument_name: string }[];
    const channels = listed.flatMap(({ instrument_name: name }) => [`book.${name}.raw`, `ticker.${name}.raw`]);
    channels.push('user.orders.any.any.raw', 'user.trades.any.any.raw', 'user.portfolio.any');
    for (let at = 0; at < channels.length; at += CHANNELS_AT_ONCE) {
      await this.ask('private/subscribe', { channels: channels.slice(at, at + CHANNELS_AT_ONCE) });
    }
    return channels.length;
  }

  ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (text) => {
        const { result, error } = JSON.parse(text) as { result?: unknown; error?: { message: string } };
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
