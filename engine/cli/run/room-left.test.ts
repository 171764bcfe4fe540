import { expect, it } from 'vitest';
import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { btcInstrument } from '../../../actors/testing/stage/instruments.js';
import { littleRoom } from './room-left.js';

const DAY_MICROS = 86_400e6;

/** Definitions of so many options, each of so many days. */
function listed(options: number, days: number): DefinitionMemory {
  const definitions = DefinitionMemory.create(options);
  for (let id = 0; id < options; id++) {
    definitions.add(id, btcInstrument({ name: `option ${id}`, expiry: (1 + (id % days)) * DAY_MICROS }));
  }
  return definitions;
}

it('says nothing while there is room', () => {
  expect(littleRoom(listed(60, 10), { instruments: 80, expiries: 20 })).toBeUndefined();
  expect(littleRoom(DefinitionMemory.create(1), { instruments: 80, expiries: 20 })).toBeUndefined();
});

it.each([
  ['instruments', 61, 10, '61 instruments of 80'],
  ['expiries', 32, 16, '16 expiries of 20'],
])('names what there is little room for: %s', (_, options, days, found) => {
  expect(littleRoom(listed(options, days), { instruments: 80, expiries: 20 })).toContain(found);
});

it('counts an instrument once, however often it was defined', () => {
  const definitions = DefinitionMemory.create(100);
  for (let time = 0; time < 100; time++) definitions.add(0, btcInstrument());
  expect(littleRoom(definitions, { instruments: 80, expiries: 20 })).toBeUndefined();
});
