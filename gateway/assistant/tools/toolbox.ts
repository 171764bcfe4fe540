import { z } from 'zod';
import type { AssistantSettings } from '../assistant-settings.js';
import { redacted, resultText } from '../outside-text.js';
import { helpTool } from './help-tool.js';
import { pricingTools } from './pricing-tools.js';
import { proposalTools } from './proposal-tools.js';
import { sqlTools } from './sql-tools.js';
import { stateTools } from './state-tools.js';
import { describeTool, type Tool, type ToolCallContext, ToolRefusal, type ToolWorld } from './tool.js';

/** Every tool, sorted by name: what the model is told of them is the same bytes each time. */
export const TOOLS: readonly Tool[] = [...stateTools, ...pricingTools, ...sqlTools, helpTool, ...proposalTools].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);

/** Longest time for one tool, milliseconds; SQL has its own, and waits for its turn. */
const TOOL_MS = 15_000;

export class Toolbox {
  private readonly tools: ReadonlyMap<string, Tool>;
  private readonly world: ToolWorld;
  /** As the Messages API has them. */
  readonly described: readonly ReturnType<typeof describeTool>[];

  constructor(world: ToolWorld, { positionsLeaveHost }: Pick<AssistantSettings, 'positionsLeaveHost'>) {
    const offered = TOOLS.filter(({ isPrivate }) => positionsLeaveHost || isPrivate !== true);
    this.world = world;
    this.tools = new Map(offered.map((tool) => [tool.name, tool]));
    this.described = offered.map(describeTool);
  }

  /** Uses a tool. Whatever goes wrong is a result too, in words for the model. `ref`: the number by which answers cite it. */
  async use(
    name: string,
    input: unknown,
    ref: number,
    context: ToolCallContext,
  ): Promise<{ text: string; failed: boolean }> {
    const failed = (words: string) => ({ text: resultText({ ref, error: words }), failed: true });
    const tool = this.tools.get(name);
    if (tool === undefined) return failed(`there is no tool '${redacted(name).slice(0, 64)}'`);
    const parsed = tool.input.safeParse(input);
    if (!parsed.success) return failed(`the input is not right: ${z.prettifyError(parsed.error).slice(0, 400)}`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ToolRefusal(`no result within ${TOOL_MS / 1000} s: ask for less`)), TOOL_MS);
    });
    try {
      this.world.topics.poll();
      const result = await Promise.race([tool.run(parsed.data, this.world, context), late]);
      return { text: resultText({ ref, ...result }), failed: false };
    } catch (error) {
      if (error instanceof ToolRefusal) return failed(error.message);
      process.stderr.write(`assistant: ${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
      return failed('the tool failed; the log of the gateway has more');
    } finally {
      clearTimeout(timer);
    }
  }
}
