import { expect, it } from 'vitest';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { CALL, EXPIRY, RiskDesk } from './testing/risk-desk.js';

const PUT = 4;

/** The move that hurts most what is held of one option. */
function worstMove(id: number, size: number): number {
  const desk = new RiskDesk();
  desk.define(PUT, { right: 'put', strike: 60_000, expiry: EXPIRY });
  desk.theo(PUT, 0.06);
  desk.position(id, size);
  let move = 0;
  for (let step = 0; step < 40; step++) {
    for (const { type, body } of desk.step()) {
      if (type !== MessageType.WORST_CASE) continue;
      const worst = new WorstCase().__init(0, new ViewBuffer(body.buffer));
      if (worst.scenarioLoss() > 0) move = worst.scenarioMove();
    }
  }
  return move;
}

it('a call that is sold loses most by a rise, and a put by a fall', () => {
  expect(worstMove(CALL, -20)).toBeGreaterThan(0);
  expect(worstMove(PUT, -20)).toBeLessThan(0);
});
