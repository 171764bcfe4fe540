import { RefusedRequest, RpcCode } from './errors.js';

/** Bytes of a frame, or of the body of an HTTP request, beyond which the venue refuses it. */
export const MOST_REQUEST_BYTES = 32 * 1024;

/** What an answer repeats: absent where the request has none, or could not be read. */
export type RequestId = number | string | undefined;

export interface Request {
  id: RequestId;
  method: string;
  params: Record<string, unknown>;
}

/** The request that cannot be served, with the id by which its answer is found. */
export class UnreadableRequest extends RefusedRequest {
  readonly id: RequestId;

  constructor(code: number, message: string, id: RequestId) {
    super(code, message);
    this.id = id;
  }
}

/** Reads a request of the protocol: JSON-RPC 2.0, named parameters, no batches. Throws UnreadableRequest. */
export function parseRequest(text: string): Request {
  // Beyond ASCII a character is up to three bytes: only then are the bytes counted.
  if (text.length > MOST_REQUEST_BYTES || (text.length * 3 > MOST_REQUEST_BYTES && bytesOf(text) > MOST_REQUEST_BYTES))
    throw new UnreadableRequest(RpcCode.REQUEST, 'request entity too large', undefined);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableRequest(RpcCode.PARSE, 'Parse error', undefined);
  }
  return readRequest(value);
}

/** Reads what was parsed as JSON. Throws UnreadableRequest. */
function readRequest(value: unknown): Request {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UnreadableRequest(RpcCode.REQUEST, 'Invalid Request', undefined);
  const { jsonrpc, id: given, method, params } = value as Record<string, unknown>;
  const id = typeof given === 'number' || typeof given === 'string' ? given : undefined;
  const isId = id !== undefined || given === undefined || given === null;
  if (!isId || typeof method !== 'string' || (jsonrpc !== undefined && jsonrpc !== '2.0'))
    throw new UnreadableRequest(RpcCode.REQUEST, 'Invalid Request', id);
  if (params === undefined || params === null) return { id, method, params: {} };
  if (typeof params !== 'object' || Array.isArray(params))
    throw new UnreadableRequest(RpcCode.PARAMS, 'Invalid params', id);
  return { id, method, params: params as Record<string, unknown> };
}

function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate is half of a character of four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
