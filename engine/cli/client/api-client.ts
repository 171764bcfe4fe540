import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { UserError } from '../user-error.js';
import { Names } from './names.js';
import type { Row } from './row.js';

const connectionSchema = z.object({ url: z.string(), token: z.string() });
const answerSchema = z.record(z.string(), z.unknown());
const pageSchema = z.object({ rows: z.array(z.record(z.string(), z.unknown())), next: z.number().nullable() });

export interface ClientOptions {
  gateway: string;
  url?: string;
  json?: boolean;
}

/** The options that every command which asks a running engine has. The token comes from VOLFILTER_TOKEN or the gateway's folder. */
export function clientCommand(command: Command): Command {
  return command
    .option('--gateway <folder>', "the gateway's folder, where it leaves its address and token", 'data/gateway')
    .addOption(new Option('--url <address>', 'another gateway; its token from VOLFILTER_TOKEN'))
    .option('--json', 'print what the gateway answers');
}

/** Asks a running engine's gateway, as a screen does. */
export class ApiClient {
  private readonly url: string;
  private readonly token: string;

  constructor({ gateway, url }: ClientOptions) {
    const given = process.env.VOLFILTER_TOKEN;
    if (url !== undefined && given === undefined && !isThisMachine(url))
      throw new UserError(
        `--url ${url}: expected a token of that gateway in VOLFILTER_TOKEN; ours is not sent to others`,
        2,
      );
    const left = url !== undefined && given !== undefined ? undefined : readConnection(gateway);
    this.url = url ?? left!.url;
    this.token = given ?? left!.token;
  }

  async get(path: string): Promise<Record<string, unknown>> {
    return this.ask('GET', path);
  }

  /** What stands at a path of the gateway, as text, such as `/debug/profile`. */
  async text(path: string): Promise<string> {
    const response = await this.fetch('GET', path);
    const text = await response.text();
    if (response.status >= 400) this.refuse(response.status, text);
    return text;
  }

  /** Every row of a topic, page by page. */
  async rows(topic: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let after = ''; ; ) {
      const page = pageSchema.parse(await this.ask('GET', `${topic}?limit=5000${after}`));
      rows.push(...page.rows);
      if (page.next === null) return rows;
      after = `&after=${page.next}`;
    }
  }

  /** What its instruments and underlyings are called. */
  async names(): Promise<Names> {
    return new Names(await this.rows('instruments'));
  }

  /** Gives a command. @param confirmed whether the caller has said yes to what adds risk or costs money; left out for what does neither */
  async command(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object | undefined,
    confirmed?: boolean,
  ): Promise<Record<string, unknown>> {
    // Before anything is sent: the engine's own token is asked nothing, and would do it at once.
    if (confirmed === false) throw new UserError('this adds risk, or pays to close it: say --yes to do it');
    const answer = await this.ask(method, path, body);
    if (answer.status !== 'needs-confirmation') return answer;
    if (confirmed === undefined) throw new UserError(`this wants a second act: ${String(answer.summary)}`);
    return this.ask('POST', `confirmations/${String(answer.confirmation)}`, {});
  }

  private async ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await this.fetch(method, `/api/v1/${path}`, body);
    const text = await response.text();
    if (response.status >= 400) this.refuse(response.status, text);
    return this.parsed(text);
  }

  private refuse(status: number, text: string): never {
    const { title, detail } = this.parsed(text);
    const more = detail === undefined ? '' : `; ${String(detail)}`;
    throw new UserError(`the gateway says ${status}: ${String(title)}${more}`);
  }

  private parsed(text: string): Record<string, unknown> {
    try {
      return answerSchema.parse(JSON.parse(text));
    } catch {
      throw new UserError(`what answers at ${this.url} is no gateway of volfilter: it said '${text.slice(0, 60)}'`);
    }
  }

  private async fetch(method: string, path: string, body?: object): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      throw new UserError(
        `no gateway answers at ${this.url} (${cause?.code ?? String(error)}): is the engine running?`,
      );
    }
  }
}

function isThisMachine(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(URL.canParse(url) ? new URL(url).hostname : '');
}

function readConnection(folder: string): z.infer<typeof connectionSchema> {
  const path = join(folder, 'connection.json');
  try {
    return connectionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new UserError(
      `${path} cannot be read: start the engine here, or say --gateway, or --url and VOLFILTER_TOKEN`,
    );
  }
}
