import type { Call } from '../http/route.js';
import type { AuditLog } from './audit.js';

/** Notes what was done to an account, and by whom. */
export type AccountNote = (call: Call, user: { name: string; role: string }, action: string, outcome: string) => void;

export function accountNote(audit: AuditLog): AccountNote {
  return (call, { name, role }, action, outcome) => {
    const { remote } = call.request;
    audit.write({ user: name, role, remote, request: call.id, action, reason: '', outcome });
  };
}

/** The same, of who calls. */
export function callerNote(audit: AuditLog): (call: Call, action: string, outcome: string) => void {
  const note = accountNote(audit);
  return (call, action, outcome) => note(call, call.caller!.user, action, outcome);
}
