import { join } from 'node:path';
import { AlertEngine, type AlertTransition, parseRules } from '../../engine/market/alerts/index.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { DefinitionMemory } from '../feed/entry/definition-memory.js';
import { COMMANDS_FILE, type FileCommand, parseCommand, RULES_FILE, TailedFile, WatchedFile } from './alert-files.js';
import { AlertCommandCode, AlertOutbox, EVERY_ALERT, type GivenCommand, readCommand } from './alert-records.js';
import { MergedInputs } from './merged-inputs.js';
import { MetricFeed } from './metric-feed.js';
import { noticeOf } from './notice.js';
import { openSink } from './sinks/open-sink.js';
import type { GuardedSink } from './sinks/sink.js';
import type { SinkConfig } from './sinks/sink-config.js';

export interface AlertsConfig {
  /** Rules of the beginning, one a line. */
  rules: string;
  /** Where alerts are told: plain data, in which secrets are named by where they are. */
  sinks: readonly SinkConfig[];
  /** Folder whose rules file replaces the rules whenever it changes, and whose commands file is followed; absent for none. */
  folder?: string;
  /** Whether the volatility filter's stage is there to be read. */
  readsTheos: boolean;
  /** Definitions of instruments that were in the log before this thread began. */
  definitions?: SharedArrayBuffer;
  /** Number of this start of the engine, part of a notice's identity. */
  run: number;
}

const RECORDS_PER_TURN = 1024;
const LOOK_MS = 500;

/**
 * The alerts: rules over everything that is published, told to sinks. What it decides is a function of the log alone: the rules
 * and every command go into the log first, and count when they come back. Every change of state is an event of the log too.
 */
class Alerts implements IoActor {
  private readonly context: IoContext<AlertsConfig>;
  private readonly engine: AlertEngine;
  private readonly feed: MetricFeed;
  private readonly inputs: MergedInputs;
  private readonly outbox: AlertOutbox;
  private readonly sinks: GuardedSink[];
  private readonly rulesFile: WatchedFile | undefined;
  private readonly commandsFile: TailedFile | undefined;
  private timer: NodeJS.Timeout | undefined;
  private seq = 0;
  private time = 0;
  private nonce = 0;

  constructor(context: IoContext<AlertsConfig>) {
    const { config } = context;
    this.context = context;
    this.engine = new AlertEngine((transition) => this.onChange(transition));
    this.feed = new MetricFeed(this.engine);
    this.inputs = new MergedInputs(context.inputs);
    this.outbox = new AlertOutbox(context.out!);
    this.sinks = config.sinks.map((sink) => openSink(sink, (level, message) => context.log(level, message)));
    if (config.folder !== undefined) {
      this.rulesFile = new WatchedFile(join(config.folder, RULES_FILE));
      this.commandsFile = new TailedFile(join(config.folder, COMMANDS_FILE));
    }
  }

  start(): void {
    const { config } = this.context;
    if (config.definitions !== undefined) {
      new DefinitionMemory(config.definitions).read(0, (id, instrument) => this.feed.define(id, instrument));
    }
    this.proposeRules(this.rulesFile?.changed() ?? config.rules);
    this.publish();
    this.timer = setInterval(() => this.lookAtFiles(), LOOK_MS);
  }

  turn(): number {
    const taken = this.inputs.poll(this.onRecord, this.onEvent, RECORDS_PER_TURN);
    this.context.board.actorCounters(this.context.actor)[ActorCounter.RECORDS]! += taken;
    this.publish();
    return taken;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  close(): void {
    for (const sink of this.sinks) sink.close();
  }

  /** The record of an event: what was published up to the one before is judged first. */
  private readonly onEvent = (seq: number): void => {
    if (seq === this.seq) return;
    if (this.seq > 0) this.engine.evaluate(this.time, this.seq);
    this.seq = seq;
  };

  private readonly onRecord = (type: number, buffer: ViewBuffer, offset: number): void => {
    this.time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    if (type === MessageType.ALERT_COMMAND) this.obey(readCommand(buffer, offset));
    else this.feed.take(type, buffer, offset);
  };

  private obey({ command, rule, user, until, text }: GivenCommand): void {
    const { engine, time, seq } = this;
    try {
      if (command === AlertCommandCode.RULES) engine.setRules(parseRules(text), time, seq);
      else if (command === AlertCommandCode.ADD_RULE) {
        for (const one of parseRules(text)) engine.addRule(one, time, seq);
      }
    } catch (error) {
      this.context.log('error', `the rules of the alerts stay as they were: ${(error as Error).message}`);
      return;
    }
    const numbers = rule === EVERY_ALERT ? engine.list().map(({ number }) => number) : [rule];
    for (const number of numbers) {
      if (command === AlertCommandCode.ACKNOWLEDGE) engine.acknowledge(number, user, time, seq);
      else if (command === AlertCommandCode.SILENCE) engine.silence(number, until, time, seq);
      else if (command === AlertCommandCode.UNSILENCE) engine.silence(number, 0, time, seq);
    }
  }

  private onChange(transition: AlertTransition): void {
    this.outbox.change(transition);
    if (!transition.notifies) return;
    const { alert, number } = transition;
    const wanted = alert.rule.sinks;
    const notice = noticeOf(transition, this.context.config.run);
    for (const [place, guarded] of this.sinks.entries()) {
      const { name } = guarded.sink;
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      void guarded.tell(notice).then((delivery) => {
        if (delivery.problem !== undefined) {
          this.context.log('warn', `alert ${notice.id} could not be told to '${name}': ${delivery.problem}`);
        }
        this.outbox.delivery(place, alert.number, number, delivery);
        this.publish();
      });
    }
  }

  private lookAtFiles(): void {
    const rules = this.rulesFile?.changed();
    if (rules !== undefined) this.proposeRules(rules);
    for (const line of this.commandsFile?.lines() ?? []) {
      const given = parseCommand(line);
      if (given === undefined) this.context.log('warn', `'${line}' is no command of the alerts`);
      else this.propose(given);
    }
    this.publish();
  }

  /** Rules that cannot be read are refused here, where the person who wrote them can be told. */
  private proposeRules(text: string): void {
    try {
      parseRules(text);
    } catch (error) {
      this.context.log('error', `the rules of the alerts stay as they were: ${(error as Error).message}`);
      return;
    }
    this.outbox.command({ command: AlertCommandCode.RULES, rule: EVERY_ALERT, user: 0, until: 0, text }, ++this.nonce);
  }

  private propose(given: FileCommand): void {
    const alerts = this.engine.list().filter(({ name }) => given.alert === 'all' || name === given.alert);
    if (alerts.length === 0) this.context.log('warn', `there is no alert '${given.alert}'`);
    const command = {
      acknowledge: AlertCommandCode.ACKNOWLEDGE,
      silence: AlertCommandCode.SILENCE,
      unsilence: AlertCommandCode.UNSILENCE,
    }[given.command];
    const until = given.command === 'silence' ? this.time + given.seconds * 1e6 : 0;
    for (const { number } of alerts) {
      this.outbox.command({ command, rule: number, user: 1, until, text: '' }, ++this.nonce);
    }
  }

  private publish(): void {
    if (this.outbox.flush() === 0) return;
    this.context.clock.tick();
    this.context.publish(this.context.clock.now[0]!);
  }
}

export function create(context: IoContext<AlertsConfig>): IoActor {
  return new Alerts(context);
}
