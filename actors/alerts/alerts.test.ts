import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertEngine, AlertState, parseRules } from '../../engine/market/alerts/index.js';
import { AnomalyKind } from '../../engine/market/anomaly/kinds.js';
import { CleanMarket } from '../../engine/market/anomaly/testing/clean-market.js';
import {
  NO_QUOTE_SET,
  OrderFlag,
  ReconcilePhase,
  ReconcileSubject,
  ReportSource,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { writeVenueId } from '../../engine/market/orders/venue-id.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../schemas/field-offset.js';
import { AlertChange } from '../../schemas/generated/alert-change.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { giveCommand, parseCommand, TailedFile, WatchedFile } from './alert-files.js';
import { AlertCommandCode, AlertOutbox, readChangeText, readCommand } from './alert-records.js';
import { DEFAULT_RULES } from './default-rules.js';
import { MergedInputs } from './merged-inputs.js';
import { expiryName, MetricFeed, underlyingName } from './metric-feed.js';

/** A stream with its writer and one reader. */
function ring(name: string): { writer: StreamWriter; reader: StreamReader } {
  const arena = createStream({ name, capacityBytes: 2 ** 18, maxBodyBytes: 4096, readers: 1, engineRun: 1 });
  return { writer: new StreamWriter(arena), reader: new StreamReader(arena, 0) };
}

function write(
  writer: StreamWriter,
  seq: number,
  type: number,
  bytes: number,
  fill: (body: number) => void = () => {},
): void {
  const at = writer.claim(type, bytes);
  writer.buffer.writeFloat64(at + HeaderOffset.SEQ, seq);
  writer.buffer.writeFloat64(at + HeaderOffset.EVENT_TIME, seq * 1e6);
  fill(at + HEADER_BYTES);
  writer.publish();
}

describe('several streams are read as one', () => {
  const read = (inputs: MergedInputs): string[] => {
    const seen: string[] = [];
    inputs.poll(
      (_type, buffer, offset) => seen.push(String(buffer.readFloat64(offset + HEADER_BYTES))),
      () => {},
      100,
    );
    return seen;
  };

  it('by log event, then in the order of the inputs, whatever was written first', () => {
    const [log, answers] = [ring('log'), ring('answers')];
    const merged = new MergedInputs([log.reader, answers.reader]);
    const put = ({ writer }: typeof log, seq: number, value: number): void =>
      write(writer, seq, 300, 8, (body) => writer.buffer.writeFloat64(body, value));
    put(answers, 2, 21);
    expect(read(merged)).toEqual([]);
    put(log, 1, 10);
    put(log, 2, 20);
    put(log, 3, 30);
    log.writer.finish(3);
    // The second input has said nothing of event 1, and may no more: it is at 2 already.
    expect(read(merged)).toEqual(['10', '20', '21']);
    answers.writer.finish(2);
    expect(read(merged)).toEqual(['30']);
    put(answers, 3, 31);
    answers.writer.finish(3);
    expect(read(merged)).toEqual(['31']);
  });
});

describe('metrics', () => {
  it('are named by what they are, of whom, and until when', () => {
    expect(underlyingName({ priceIndex: 'btc_usd', baseCurrency: 'BTC' })).toBe('btc');
    expect(underlyingName({ priceIndex: 'btc_usdc', baseCurrency: 'BTC' })).toBe('btc_usdc');
    expect(underlyingName({ priceIndex: '', baseCurrency: 'SOL' })).toBe('sol');
    expect(expiryName(Date.UTC(2026, 5, 27, 8) * 1000)).toBe('27jun26');
  });

  it('of a day whose money does not tie out raise an alert by its size, which stands until a day ties', () => {
    const states = new Map<string, number>();
    const engine = new AlertEngine(({ alert }) => states.set(alert.name, alert.state));
    const feed = new MetricFeed(engine);
    engine.setRules(parseRules(DEFAULT_RULES), 0, 0);
    const { writer, reader } = ring('records');
    /** Whether the two rules fire after a look. */
    const look = (seq: number, state: number, difference: number): [boolean, boolean] => {
      write(writer, seq, MessageType.TIE_OUT, TieOut.sizeOf(), (body) => {
        const told = new TieOut().__init(body, writer.buffer);
        told.mutate_currency0(Buffer.from('BTC\0').readUInt32LE());
        told.mutate_state(state);
        told.mutate_difference(difference);
        told.mutate_tolerance(0.01);
      });
      reader.poll((type, buffer, offset) => feed.take(type, buffer, offset), 100);
      engine.evaluate(seq * 1e6, seq);
      return [states.get('tie-out.btc') === AlertState.FIRING, states.get('tie-out-large.btc') === AlertState.FIRING];
    };
    const { BASELINE, DIFFERS, DAY_TIES, DAY_DIFFERS, TIES } = TieState;
    expect(look(1, BASELINE, 0)).toEqual([false, false]);
    expect(look(2, DIFFERS, 5)).toEqual([false, false]);
    expect(look(3, DAY_DIFFERS, -0.05)).toEqual([true, false]);
    expect(look(4, TIES, 0)).toEqual([true, false]);
    expect(look(5, DAY_DIFFERS, 0.2)).toEqual([true, true]);
    expect(look(6, DIFFERS, 0.2)).toEqual([true, true]);
    expect(look(7, DAY_TIES, 0)).toEqual([false, false]);
  });

  it('of the account raise an alert while an order of others is open, and one of a second engine that trades there', () => {
    const states = new Map<string, number>();
    const engine = new AlertEngine(({ alert }) => states.set(alert.name, alert.state));
    const feed = new MetricFeed(engine);
    engine.setRules(parseRules(DEFAULT_RULES), 0, 0);
    const { writer, reader } = ring('records');
    let seq = 0;
    const firing = (): string[] => {
      reader.poll((type, buffer, offset) => feed.take(type, buffer, offset), 100);
      engine.evaluate(seq * 1e6, seq);
      return [...states].filter(([, state]) => state === AlertState.FIRING).map(([name]) => name);
    };
    const order = (id: string, state: number, change: (report: OrderReport) => void = () => {}): void =>
      write(writer, ++seq, MessageType.ORDER_REPORT, OrderReport.sizeOf(), (body) => {
        const report = new OrderReport().__init(body, writer.buffer);
        report.mutate_source(ReportSource.STREAM);
        report.mutate_state(state);
        report.mutate_quoteSet(NO_QUOTE_SET);
        writeVenueId(writer.buffer.view, body + structOffset(OrderReport, 'venueOrderId'), id);
        change(report);
      });
    const reconciled = (phase: number): void =>
      write(writer, ++seq, MessageType.RECONCILE_REPORT, ReconcileReport.sizeOf(), (body) => {
        const report = new ReconcileReport().__init(body, writer.buffer);
        report.mutate_phase(phase);
        report.mutate_subject(ReconcileSubject.ORDERS);
      });
    write(writer, ++seq, MessageType.RUN_STARTED, RunStarted.sizeOf(), (body) =>
      new RunStarted().__init(body, writer.buffer).mutate_run(7),
    );
    reconciled(ReconcilePhase.ENDS);
    expect(firing()).toEqual([]);
    order('human-1', VenueOrderState.OPEN);
    expect(firing()).toEqual(['orders-of-others']);
    order('human-1', VenueOrderState.FILLED);
    expect(firing()).toEqual([]);
    // One that ended while nobody listened.
    order('human-2', VenueOrderState.OPEN);
    reconciled(ReconcilePhase.BEGINS);
    order('human-3', VenueOrderState.OPEN, (report) => report.mutate_source(ReportSource.QUERY));
    reconciled(ReconcilePhase.ENDS);
    expect([firing(), engine.metrics.value(engine.metrics.place('account.foreign_orders'))]).toEqual([
      ['orders-of-others'],
      1,
    ]);
    order('human-3', VenueOrderState.CANCELLED);
    seq += 40;
    order('other-1', VenueOrderState.OPEN, (report) => {
      report.mutate_flags(OrderFlag.OURS);
      report.mutate_run(8);
    });
    expect(firing()).toEqual(['second-engine-on-the-account']);
  });

  it('of statistics, anomalies and the filter drive the rules that watch them', () => {
    const fired: string[] = [];
    const engine = new AlertEngine(({ alert, before }) => fired.push(`${alert.name} ${before}>${alert.state}`));
    const feed = new MetricFeed(engine);
    const target = { clock: new Float64Array(2), input: new Float64Array(11), ticker: () => {}, trade: () => {} };
    new CleanMarket({ ...target, define: (id, instrument) => feed.define(id, instrument) }, 1);
    engine.setRules(
      parseRules(
        'vol: realised_vol.* > 0.9\njump: change(anomaly_count.jump.eth, 60s) > 0\niv: atm_vol.eth.30d > 0.8\nsmall: price.btc < 1',
      ),
      0,
      0,
    );
    const { writer, reader } = ring('records');
    const take = (seq: number): void => {
      reader.poll((type, buffer, offset) => feed.take(type, buffer, offset), 100);
      engine.evaluate(seq * 1e6, seq);
    };
    const statistics = (seq: number, underlying: number, realised: number): void =>
      write(writer, seq, MessageType.MARKET_STATISTICS, MarketStatistics.sizeOf(), (body) => {
        const record = new MarketStatistics().__init(body, writer.buffer);
        record.mutate_underlying(underlying);
        record.mutate_realised(realised);
        record.mutate_price(100);
      });
    statistics(1, 0, 0.5);
    statistics(1, 1, 0.5);
    take(1);
    statistics(2, 0, 0.95);
    write(writer, 2, MessageType.ANOMALY, Anomaly.sizeOf(), (body) => {
      const record = new Anomaly().__init(body, writer.buffer);
      record.mutate_kind(AnomalyKind.JUMP);
      record.mutate_underlying(1);
    });
    write(writer, 2, MessageType.UNDERLYING_STATE, UnderlyingState.sizeOf(), (body) => {
      const record = new UnderlyingState().__init(body, writer.buffer);
      // The filter numbers underlyings by itself; one of its options says which one it is.
      record.mutate_underlying(5);
      record.mutate_option(30);
      record.mutate_implied30d(0.85);
    });
    take(2);
    expect(fired).toEqual(['small 4>1', 'vol.btc 4>1', 'vol.eth 4>1', 'jump 4>1', 'vol.btc 1>3', 'jump 1>3', 'iv 4>3']);
  });
});

describe('what the alerts write into the log', () => {
  it('waits for room, in order, and is read back as it was meant', () => {
    const { writer, reader } = ring('alert-changes');
    const outbox = new AlertOutbox(writer);
    const engine = new AlertEngine((transition) => outbox.change(transition));
    engine.setRules(parseRules('high: x.y > 1 severity critical'), 0, 0);
    outbox.command({ command: AlertCommandCode.RULES, rule: 3, user: 9, until: 5, text: 'é: x.y > 2' }, 1);
    engine.publish(engine.metrics.place('x.y'), 2, 1e6);
    engine.evaluate(1e6, 17);
    for (let more = 0; more < 3000; more++) {
      engine.publish(engine.metrics.place('x.y'), 2 * (more % 2), 2e6);
      engine.evaluate(2e6, 18);
    }
    const seen: string[] = [];
    const take = (): number =>
      reader.poll((type, buffer, offset) => {
        if (type === MessageType.ALERT_COMMAND) {
          seen.push(JSON.stringify(readCommand(buffer, offset)));
          return;
        }
        const change = new AlertChange().__init(offset + HEADER_BYTES, buffer);
        const { name, rule, metrics } = readChangeText(buffer, offset + HEADER_BYTES);
        seen.push(
          `${change.number()} ${name} ${rule} ${metrics} ${change.state()} ${change.found()} ${change.evaluatedSeq()}`,
        );
      }, 10_000);
    let turns = 0;
    while (outbox.flush() > 0) {
      writer.publish();
      take();
      turns++;
    }
    expect(turns).toBeGreaterThan(1);
    expect(seen[0]).toBe('{"command":4,"rule":3,"user":9,"until":5,"text":"é: x.y > 2"}');
    expect(seen[1]).toBe('1 high x.y > 1 severity critical x.y 3 2 17');
    expect(seen.slice(1).map((line) => Number(line.split(' ')[0]))).toEqual(seen.slice(1).map((_, index) => index + 1));
  });
});

describe("the alerts' folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-alerts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('brings commands that are given from now on, and no others', () => {
    giveCommand(folder, { command: 'acknowledge', alert: 'old' });
    const tail = new TailedFile(join(folder, 'commands.log'));
    expect(tail.lines()).toEqual([]);
    giveCommand(folder, { command: 'silence', alert: 'high-vol', seconds: 90 });
    giveCommand(folder, { command: 'unsilence', alert: 'all' });
    expect(tail.lines().map(parseCommand)).toEqual([
      { command: 'silence', alert: 'high-vol', seconds: 90 },
      { command: 'unsilence', alert: 'all' },
    ]);
    expect(tail.lines()).toEqual([]);
    expect(['', 'silence x', 'silence x soon', 'shout x'].map(parseCommand)).toEqual(new Array(4).fill(undefined));
  });

  it('brings its rules when they have changed', () => {
    const watched = new WatchedFile(join(folder, 'alerts.rules'));
    expect(watched.changed()).toBeUndefined();
    writeFileSync(join(folder, 'alerts.rules'), 'a: x.y > 1');
    expect(watched.changed()).toBe('a: x.y > 1');
    expect(watched.changed()).toBeUndefined();
    writeFileSync(join(folder, 'alerts.rules'), 'a: x.y > 12');
    expect(watched.changed()).toBe('a: x.y > 12');
  });

  it('may say nothing: the rules of the beginning can be read', () => {
    expect(parseRules(DEFAULT_RULES).length).toBeGreaterThan(5);
  });
});
