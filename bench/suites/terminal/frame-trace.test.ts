import { describe, expect, it } from 'vitest';
import { frameTimes, type TraceEvent } from './frame-trace.js';

const task = (ts: number, tdur: number): TraceEvent => ({
  name: 'ThreadControllerImpl::RunTask',
  pid: 1,
  tid: 1,
  ts,
  dur: tdur,
  tdur,
});
const frame = (ts: number): TraceEvent => ({ ...task(ts, 1), name: 'ProxyMain::BeginMainFrame' });
const picture = (ts: number): TraceEvent => ({
  ...task(ts, 1),
  name: 'Canvas2DResourceProvider::ProduceCanvasResource',
});

describe('the processor time of frames', () => {
  it('is that of their tasks and of those that hand over their pictures, in any order of the trace', () => {
    const events = [
      ...[task(0, 900), picture(10)],
      ...[task(1000, 3000), frame(1100), picture(1200), picture(1300)],
      ...[task(5000, 500), picture(5100)],
      ...[task(6000, 7000)],
      ...[task(20_000, 2000), frame(20_100)],
    ];
    expect(frameTimes(events)).toEqual([3.5, 2]);
    expect(frameTimes(events.toReversed())).toEqual([3.5, 2]);
  });

  it('counts no frame twice that has an arrow to it of the same name', () => {
    const { name, pid, tid, ts } = frame(1100);
    expect(frameTimes([task(1000, 3000), frame(1100), { name, pid, tid, ts }])).toEqual([3]);
  });

  it('counts the frames of each thread apart from the tasks of others', () => {
    const other = { ...task(1050, 40_000), tid: 2 };
    expect(frameTimes([task(1000, 3000), other, frame(1100)])).toEqual([3]);
  });
});
