import { Command } from 'commander';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';

/** `volfilter status`. */
export function statusCommand(): Command {
  return clientCommand(new Command('status').description('the state of a running engine and of its trading')).action(
    async (options: ClientOptions) => {
      const client = new ApiClient(options);
      const state = await client.get('state');
      const topics = ['trading', 'outside', 'start'] as const;
      const [[trading], outside, start] = await Promise.all(topics.map((topic) => client.rows(topic)));
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ ...state, trading: trading ?? null, outside, start }, null, 2)}\n`);
        return;
      }
      const killed = state.killed === null ? '' : `, killed: ${String(state.killed)}`;
      const reasons = Array.isArray(state.reducing) ? state.reducing.map(String) : [];
      const reducing = reasons.length === 0 ? '' : `, no new risk: ${reasons.join(', ')}`;
      const words = ['', 'not connected', 'reconciling', 'ready', 'no new risk'];
      const orders =
        trading === undefined
          ? ''
          : `, trading ${words[trading.state as number]}, ${String(trading.openOrders)} orders`;
      const leftAlone = outside.filter((row) => row.state !== 0).map((row) => String(row.text));
      const calls = leftAlone.length === 0 ? '' : `, left alone because it fails: ${leftAlone.join(', ')}`;
      process.stdout.write(`${String(state.state)}${killed}${reducing}${orders}${calls}\n`);
      // In the order in which they were reached, which differs from start to start.
      for (const step of start.sort((a, b) => Number(a.afterMs) - Number(b.afterMs)))
        process.stdout.write(`${`${(Number(step.afterMs) / 1000).toFixed(2)} s`.padStart(9)}  ${String(step.text)}\n`);
    },
  );
}
