import { counter, type Family, gauge } from './family.js';

export const gatewayFamilies: readonly Family[] = [
  gauge('volfilter_gateway_clients', 'Sockets open at the gateway.', [], ({ own }, put) => {
    put(own.clients);
  }),
  gauge('volfilter_gateway_clients_lagging', 'Of these, behind.', [], ({ own }, put) => {
    put(own.lagging);
  }),
  counter('volfilter_gateway_frames_total', 'Frames sent to sockets.', [], ({ own }, put) => {
    put(own.frames);
  }),
];
