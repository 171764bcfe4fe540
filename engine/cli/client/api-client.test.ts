import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from './api-client.js';

const closing: (() => void)[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

/** A server that answers everything so; the client of it. */
async function asking(status: number, body: string): Promise<ApiClient> {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  vi.stubEnv('VOLFILTER_TOKEN', 'ours');
  return new ApiClient({ gateway: 'none', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

describe('the client of a gateway', () => {
  it('says what the gateway refuses, with its detail', async () => {
    const client = await asking(422, JSON.stringify({ title: 'no such expiry', detail: 'listed are 27MAR26' }));
    await expect(client.get('status')).rejects.toThrow('the gateway says 422: no such expiry; listed are 27MAR26');
  });

  it.each([200, 502])('says that what answers is no gateway (status %i)', async (status) => {
    const client = await asking(status, '<html>hello</html>');
    await expect(client.get('status')).rejects.toThrow(/is no gateway of volfilter: it said '<html>/);
  });

  it('sends the token of this engine to no other machine', () => {
    vi.stubEnv('VOLFILTER_TOKEN', undefined);
    expect(() => new ApiClient({ gateway: 'none', url: 'https://elsewhere.example' })).toThrow(/VOLFILTER_TOKEN/);
  });
});
