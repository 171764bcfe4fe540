import type { TopicSet } from '../topics/topic-set.js';
import { collect } from './collect.js';
import { type LimitUses, limitUses } from './limit-uses.js';
import { openingOf } from './opening.js';
import type { Report } from './report.js';
import { type Opening, ReportStore } from './report-store.js';
import { beginOfDay, tradingDay } from './trading-day.js';

/** A crash loses no more of a day than this. */
const KEEP_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 1000;

/** The report of each trading day: written again while the day goes on, so that what stands when it ends is its report. */
export class Reports {
  private readonly topics: TopicSet;
  private readonly store: ReportStore | undefined;
  private readonly keeps: boolean;
  private day = '';
  private seenFrom = 0;
  private opening: Opening = {};
  private uses: LimitUses = new Map();
  private keptMs = Number.NEGATIVE_INFINITY;
  private lookedMs = Number.NEGATIVE_INFINITY;

  /** @param folder absent for reports that are forgotten @param keeps whether this gateway writes them: one of an engine's does */
  constructor(topics: TopicSet, folder: string | undefined, keeps: boolean) {
    this.topics = topics;
    this.store = folder === undefined ? undefined : new ReportStore(folder);
    this.keeps = keeps;
  }

  /** The most of each limit that was used in the day so far, by its name, in its unit. */
  get used(): ReadonlyMap<string, number> {
    return this.uses;
  }

  /** Goes on with the day; call it as often as you like. @param nowMs since the Unix epoch */
  look(nowMs: number): void {
    if (nowMs - this.lookedMs < LOOK_EVERY_MS) return;
    this.lookedMs = nowMs;
    this.topics.poll();
    this.turnTo(nowMs);
    for (const [name, used] of limitUses(this.topics)) this.uses.set(name, Math.max(used, this.uses.get(name) ?? 0));
    if (!this.keeps || nowMs - this.keptMs < KEEP_EVERY_MS) return;
    this.keptMs = nowMs;
    this.store?.write({ report: this.now(nowMs), opening: this.opening });
  }

  /** The day so far. */
  now(nowMs: number): Report {
    this.turnTo(nowMs);
    return {
      day: this.day,
      made: new Date(nowMs).toISOString(),
      seenFrom: new Date(this.seenFrom).toISOString(),
      sections: collect(this.topics, beginOfDay(nowMs) * 1000, this.opening, this.uses),
    };
  }

  /** The newest first; the day that goes on is the first. */
  days(nowMs: number): string[] {
    const today = tradingDay(nowMs);
    return [today, ...(this.store?.days() ?? []).filter((day) => day !== today)];
  }

  /** The report of a day; undefined where there is none. */
  of(day: string, nowMs: number): Report | undefined {
    return day === tradingDay(nowMs) || day === 'today' ? this.now(nowMs) : this.store?.read(day)?.report;
  }

  /** A day that another gateway, or this one before its end, has seen already goes on from there. */
  private turnTo(nowMs: number): void {
    const day = tradingDay(nowMs);
    if (day === this.day) return;
    this.day = day;
    const before = this.store?.read(day);
    this.seenFrom = before === undefined ? nowMs : Date.parse(before.report.seenFrom);
    this.opening = before?.opening ?? openingOf(this.topics);
    this.uses = new Map();
    this.keptMs = Number.NEGATIVE_INFINITY;
  }
}
