import { OrderFlag } from '../../exchange/codes.js';

/** What an order's owner asked of it, as fields of the order's JSON. */
export function flagFields(flags: number): string {
  return (
    `,"post_only":${(flags & OrderFlag.POST_ONLY) !== 0},"reject_post_only":${(flags & OrderFlag.REJECT_POST_ONLY) !== 0}` +
    `,"reduce_only":${(flags & OrderFlag.REDUCE_ONLY) !== 0},"mmp":${(flags & OrderFlag.MMP) !== 0}`
  );
}
