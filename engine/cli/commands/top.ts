import { Command, InvalidArgumentError, Option } from 'commander';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';
import { endRequested } from '../run/end-requested.js';
import { TOP_ORDERS, type TopLook, type TopOrder, topLines } from '../top/top-view.js';
import { UserError } from '../user-error.js';

interface TopOptions extends ClientOptions {
  every: number;
  order: TopOrder;
  once?: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0.2) throw new InvalidArgumentError('expected seconds, 0.2 or more.');
  return value;
}

async function look(client: ApiClient): Promise<TopLook> {
  const [engine, latency, threads, edges] = await Promise.all(
    ['engine', 'latency', 'threads', 'edges'].map((topic) => client.rows(topic)),
  );
  return { atMs: performance.now(), engine: engine!, latency: latency!, threads: threads!, edges: edges! };
}

/** `volfilter top`. */
export function topCommand(): Command {
  return clientCommand(new Command('top').description('watch a running engine: its actors, hops, queues and threads'))
    .option('--every <s>', 'seconds between two looks', positive, 1)
    .addOption(new Option('--order <order>', 'of the actors').choices(TOP_ORDERS).default('topology'))
    .option('--once', 'two looks, and the second one shown; also where there is no terminal')
    .action(async (options: TopOptions) => {
      const client = new ApiClient(options);
      if (options.json === true) {
        const { atMs: _, ...found } = await look(client);
        process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
        return;
      }
      if (options.once === true || !process.stdout.isTTY) {
        const first = await look(client);
        await new Promise((resolve) => setTimeout(resolve, options.every * 1000));
        process.stdout.write(`${topLines(await look(client), first, options.order).join('\n')}\n`);
        return;
      }
      await watch(client, options);
    });
}

/** On the terminal's other page, so that what stood there stands there again afterwards. */
async function watch(client: ApiClient, options: TopOptions): Promise<void> {
  const out = process.stdout;
  let before: TopLook | undefined;
  let { order } = options;
  const end = endRequested(undefined);
  const onKey = (key: Buffer): void => {
    const place = Number(key.toString()) - 1;
    order = TOP_ORDERS[place] ?? order;
  };
  process.stdin.on('data', onKey);
  const draw = (lines: readonly string[]): void => {
    const rows = (out.rows || Number.POSITIVE_INFINITY) - 1;
    const width = out.columns || Number.POSITIVE_INFINITY;
    const shown = lines.slice(0, rows).map((line) => `\x1b[2K${line.slice(0, width)}\n`);
    out.write(`\x1b[H${shown.join('')}\x1b[0J`);
  };
  const keys = TOP_ORDERS.map((name, place) => `${place + 1} ${name}`).join('  ');
  let isAsking = false;
  const tick = async (): Promise<void> => {
    // A gateway that is slow is not asked twice at once.
    if (isAsking) return;
    isAsking = true;
    try {
      const now = await look(client);
      draw([`volfilter top   q ends   order: ${keys}`, ...topLines(now, before, order)]);
      before = now;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      before = undefined;
      draw([`volfilter top   q ends`, error.message]);
    } finally {
      isAsking = false;
    }
  };
  out.write('\x1b[?1049h\x1b[?25l');
  const timer = setInterval(() => void tick(), options.every * 1000);
  await tick();
  await end.ended;
  clearInterval(timer);
  process.stdin.off('data', onKey);
  out.write('\x1b[?25h\x1b[?1049l');
}
