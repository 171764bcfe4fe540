import { describe, expect, it } from 'vitest';
import type { CoreSettings } from '../../../actors/core.js';
import { UserError } from '../user-error.js';
import { openJournal } from './journal-source.js';

describe('the journal of a run', () => {
  it('is refused where its folder cannot be made, by name and at once', async () => {
    // Nobody can make a folder there, root neither.
    const opened = openJournal('/proc/no-such-folder/journal', {} as CoreSettings, () => {});
    await expect(opened).rejects.toThrow(UserError);
    await expect(openJournal('/proc/no-such-folder', {} as CoreSettings, () => {})).rejects.toThrow(/--no-journal/);
  });
});
