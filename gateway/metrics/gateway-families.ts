import { OUTSIDE_STATES } from '../../engine/telemetry/outside/outside-status.js';
import { OutsideRow } from '../../schemas/generated/outside-row.js';
import { counter, type Family, gauge, type MetricSource, type Put } from './family.js';
import { eachRow } from './topic-rows.js';

/** A counter of each kind of call to the world outside. */
function outside(name: string, help: string, of: (row: OutsideRow) => number): Family {
  return counter(name, help, ['call'], ({ topics }: MetricSource, put: Put) => {
    eachRow(topics.merge('outside'), OutsideRow, (row, _key, text) => put(of(row), text));
  });
}

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
  gauge(
    'volfilter_outside_state',
    '1 for the state that calls to the world outside are in, 0 for the others: open means left alone.',
    ['call', 'state'],
    ({ topics }, put) => {
      eachRow(topics.merge('outside'), OutsideRow, (row, _key, text) => {
        OUTSIDE_STATES.forEach((state, code) => {
          put(row.state() === code ? 1 : 0, text, state);
        });
      });
    },
  ),
  outside('volfilter_outside_calls_total', 'Calls to the world outside that were asked for.', (row) => row.calls()),
  outside('volfilter_outside_failed_total', 'Of these, failed after the last attempt.', (row) => row.failed()),
  outside('volfilter_outside_refused_total', 'Of these, not made: left alone, or too many under way.', (row) =>
    row.refused(),
  ),
  outside('volfilter_outside_retried_total', 'Attempts beside the first of each call.', (row) => row.retried()),
  gauge('volfilter_assistant_cost_usd', 'Cost of the assistant since 00:00 UTC, USD.', [], ({ own }, put) => {
    const spent = own.spent?.();
    if (spent !== undefined) put(spent);
  }),
];
