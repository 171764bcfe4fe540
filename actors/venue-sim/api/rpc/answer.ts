import type { RefusedRequest } from './errors.js';
import type { RequestId } from './request.js';

/** When a request came and when its answer goes, microseconds since the Unix epoch by the venue's clock. */
export interface AnswerTimes {
  usIn: number;
  usOut: number;
}

/** What an answer begins with; the result's JSON follows. */
export function answerHead(id: RequestId): string {
  if (id === undefined) return '{"jsonrpc":"2.0","result":';
  return `{"jsonrpc":"2.0","id":${typeof id === 'number' ? id : JSON.stringify(id)},"result":`;
}

/** What follows the result. */
export function answerTail({ usIn, usOut }: AnswerTimes, testnet: boolean): string {
  return `,"usIn":${usIn},"usOut":${usOut},"usDiff":${usOut - usIn},"testnet":${testnet}}`;
}

/** A whole answer around the JSON of its result. */
export function answerText(id: RequestId, result: string, times: AnswerTimes, testnet: boolean): string {
  return answerHead(id) + result + answerTail(times, testnet);
}

/** The answer to a request that is refused. */
export function refusalText(id: RequestId, refusal: RefusedRequest, times: AnswerTimes, testnet: boolean): string {
  const { code, message, details } = refusal;
  const error = JSON.stringify(details === undefined ? { code, message } : { code, message, data: details });
  const given = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  return `{"jsonrpc":"2.0",${given}"error":${error}${answerTail(times, testnet)}`;
}
