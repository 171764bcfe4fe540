import { describe, expect, it } from 'vitest';
import { gatewayPorts } from './gateway-ports.js';

describe('ports of gateways', () => {
  it('follow the one that is said', async () => {
    expect(await gatewayPorts(8790, 3, '127.0.0.1')).toEqual([8790, 8791, 8792]);
  });

  it('are given by the system where none is said, each another', async () => {
    const ports = await gatewayPorts(0, 4, '127.0.0.1');
    expect(new Set(ports).size).toBe(4);
    expect(ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)).toBe(true);
  });
});
