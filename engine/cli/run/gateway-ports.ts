import { createServer, type Server } from 'node:net';

/**
 * Ports of several gateways: from the first on, one after the other; with 0 the system gives each a free one. Given before the gateways start, so that the
 * address that is printed holds, and a gateway that begins again stands where it stood.
 */
export async function gatewayPorts(first: number, gateways: number, host: string): Promise<number[]> {
  if (first !== 0) return Array.from({ length: gateways }, (_, place) => first + place);
  const held: Server[] = [];
  try {
    // All of them are held until the last is known: otherwise one could be given twice.
    for (let place = 0; place < gateways; place++) held.push(await listening(host));
    return held.map((server) => (server.address() as { port: number }).port);
  } finally {
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  }
}

function listening(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}
