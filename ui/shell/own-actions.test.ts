import { expect, it } from 'vitest';
import { actions } from '../pages/registry.js';
import { type Controls, ownActions } from './own-actions.js';

it('does every action that the registry offers, and no other', () => {
  const done = Object.keys(ownActions({} as Controls));
  expect(done.toSorted()).toEqual(actions.map(({ code }) => code).toSorted());
});
