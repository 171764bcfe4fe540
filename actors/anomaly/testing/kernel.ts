import { StageRun } from './stage-run.js';

/** One second of a market, played again and again to the stage, record by record: for measuring what the stage allocates. */
export class StageKernel {
  private readonly run = new StageRun(1, { keepsBytes: false });

  constructor() {
    this.run.play(200);
    this.run.record(60);
  }

  step(call: number): void {
    this.run.replay(call);
  }
}
