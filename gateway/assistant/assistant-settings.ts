import { z } from 'zod';

/** Prices of a model, USD per million tokens. */
const prices = z.strictObject({
  input: z.number().min(0).default(5),
  output: z.number().min(0).default(25),
  cacheRead: z.number().min(0).default(0.5),
  cacheWrite: z.number().min(0).default(6.25),
});

/** How the assistant is set up; all but the key, which stands in the environment of the gateway alone. */
export const assistantSettings = z.strictObject({
  model: z.string().default('claude-sonnet-5-5'),
  /** Where the Messages API is spoken; the SDK's own address where absent. */
  baseUrl: z.url().optional(),
  /** What tokens cost: set them to those of the contract. The defaults are on the high side, so that caps hold early. */
  prices: prices.default(prices.parse({})),
  /** USD that one user may spend a day (UTC), and all together. */
  usdPerUserAndDay: z.number().min(0).default(10),
  usdPerDay: z.number().min(0).default(50),
  /** Tokens in and out that one answer may take. */
  tokensPerAnswer: z.number().int().positive().default(400_000),
  /** Longest message of the model, tokens. */
  tokensPerMessage: z.number().int().positive().default(8192),
  rounds: z.number().int().positive().default(8),
  /** Longest time for an answer, and longest silence of the other side, milliseconds. */
  answerMs: z.number().positive().default(60_000),
  stallMs: z.number().positive().default(20_000),
  /** Answers being written at the same time. */
  answersAtOnce: z.number().int().positive().default(2),
  /** False keeps positions, profit, fills, orders and the SQL store on this host: the model has no tool that reads them. */
  positionsLeaveHost: z.boolean().default(true),
  /** The journal whose SQL store is asked. */
  journal: z.string().default('data/journal'),
  /** Folder of the alerts, whose rules a confirmed proposal adds to. */
  alerts: z.string().default('data/alerts'),
});

export type AssistantSettings = z.output<typeof assistantSettings>;
export type GivenAssistantSettings = z.input<typeof assistantSettings>;
