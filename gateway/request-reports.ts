import type { ErrorReport } from '../engine/telemetry/errors/error-reports.js';
import type { RequestLine } from './http/router.js';

/** Statuses of errors that are the gateway's own; 503 says that something else is not there, and is no error of anybody. */
const FIRST_ERROR = 500;
const NOT_THERE = 503;

/** Reports requests that the gateway failed to answer, with the id that stands in the answer and in the logs. */
export function requestReports(reports: Promise<{ report(report: ErrorReport): void }>): (line: RequestLine) => void {
  return ({ id, method, path, status }) => {
    if (status < FIRST_ERROR || status === NOT_THERE) return;
    const message = `${method} ${path} was answered with ${status}`;
    void reports.then(
      (each) => each.report({ level: 'error', who: 'gateway', message, tags: { request: id } }),
      () => {},
    );
  };
}
