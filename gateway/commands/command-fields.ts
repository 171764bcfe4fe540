import { z } from 'zod';

// Fields that the bodies of commands have in common.
export const reason = z.string().max(500).default('');
export const instrument = z.number().int().min(0).max(0xffffffff);
export const underlying = z.number().int().min(0).max(0xffff);
export const number = z.number();
/** In the place of an instrument, an underlying, an expiry or a rule: all of them. */
export const EVERY = 0xffffffff;

/** What a command is answered with, for the document. */
export const accepted = {
  status: 202,
  description: "Given. `status` is 'accepted' with its `seq` in the log, 'pending', or 'needs-confirmation'.",
  schema: {
    type: 'object',
    required: ['accepted', 'status'],
    properties: {
      accepted: { type: 'boolean' },
      status: { enum: ['accepted', 'pending', 'needs-confirmation'] },
      nonce: { type: 'number' },
      seq: { type: 'number' },
      confirmation: { type: 'string' },
      until: { type: 'string', format: 'date-time' },
      summary: { type: 'string' },
    },
  },
};
