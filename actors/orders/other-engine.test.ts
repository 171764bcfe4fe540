import { describe, expect, it } from 'vitest';
import {
  Armed,
  ConnectionRole,
  ConnectionState,
  NotReady,
  OrderFlag,
  ReconcilePhase,
  ReportSource,
  TradingStateCode,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { DEFAULT_CREDITS } from '../../engine/market/orders/credit-buckets.js';
import { ConnectionReport } from '../../schemas/generated/connection-report.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { orderStates } from '../streams.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { orders } from './orders.js';
import { ordersConfig } from './orders-config.js';

/** State of trading and the reasons that were told last. */
function toldIn(written: Written[]): [state: number, reasons: number] {
  const { body } = written.filter(({ type }) => type === MessageType.TRADING_STATE).at(-1)!;
  const told = new TradingState().__init(0, new ViewBuffer(body.buffer));
  return [told.state(), told.reasons()];
}

describe('the state of trading', () => {
  it('lets no new risk be taken while another engine trades on the account, and for five minutes after', () => {
    const bench = new StageBench([orders(ordersConfig(8, DEFAULT_CREDITS, false))], orderStates);
    bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(7));
    bench.say(MessageType.CONNECTION_REPORT, ConnectionReport, (report) => {
      report.mutate_state(ConnectionState.READY);
      report.mutate_role(ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM);
      report.mutate_armed(Armed.CANCEL_ON_DISCONNECT);
    });
    bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (report) => {
      report.mutate_phase(ReconcilePhase.BEGINS);
      report.mutate_number(1);
      report.mutate_subject(15);
    });
    const ends = bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (report) => {
      report.mutate_phase(ReconcilePhase.ENDS);
      report.mutate_number(1);
      report.mutate_subject(15);
    });
    expect(toldIn(ends)).toEqual([TradingStateCode.READY, 0]);
    bench.time += 60e6;
    const seen = bench.say(MessageType.ORDER_REPORT, OrderReport, (report) => {
      report.mutate_source(ReportSource.STREAM);
      report.mutate_state(VenueOrderState.OPEN);
      report.mutate_flags(OrderFlag.OURS);
      report.mutate_run(3);
      report.mutate_amount(1);
    });
    expect(toldIn(seen)).toEqual([TradingStateCode.DEGRADED, NotReady.OTHER_ENGINE]);
    bench.time += 301e6;
    const swept = bench.say(MessageType.TIMER_FIRED, TimerFired, (timer) => {
      timer.mutate_actor(1);
      timer.mutate_serial(1);
    });
    expect(toldIn(swept)[1] & NotReady.OTHER_ENGINE).toBe(0);
  });
});
