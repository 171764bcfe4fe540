import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakeDocument } from '../testing/fake-dom.js';
import { KillSwitch } from './kill-switch.js';

let restore: () => void;
beforeAll(() => {
  restore = fakeDocument();
});
afterAll(() => restore());

it('says KILLED while the latch is set, and once that it is open again', () => {
  const said: string[] = [];
  const kill = new KillSwitch((words) => said.push(words));
  kill.tell(undefined);
  kill.tell('an operator said so');
  expect(kill.alarm.textContent).toBe(
    'KILLED: an operator said so. Nothing but cancels is sent; LATCH <GO> tells what lets it quote again.',
  );
  expect(said).toEqual([]);
  kill.tell(undefined);
  kill.tell(undefined);
  expect(kill.alarm.textContent).toBe('');
  expect(said).toEqual(['the kill latch is open again']);
});
