import { z } from 'zod';
import { json, type Route, route } from '../http/route.js';
import { problemAnswer } from '../transport/transport.js';
import { REPORT_POLICY, reportAsCsv, reportAsHtml } from './formats.js';
import type { Reports } from './reports.js';

/** The reports of the days, as they are kept and as the day stands now. @param now milliseconds since the Unix epoch */
export function reportRoutes(reports: Reports, now: () => number = Date.now): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/reports',
      summary: 'The trading days of which there is a report, the newest first; a day begins at 08:00 UTC.',
      role: 'viewer',
      scope: 'read',
      answer: { status: 200, description: '`days`; the first goes on.' },
      handle: () => json(200, { days: reports.days(now()) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/reports/{day}',
      summary:
        'The report of a day such as 2026-01-31, or of `today`, made anew while the day goes on; as JSON, CSV, or HTML to print.',
      role: 'viewer',
      scope: 'read',
      query: z.object({ format: z.enum(['json', 'csv', 'html']).default('json') }),
      answer: { status: 200, description: '`report`, null where there is none; or the file.' },
      handle: ({ parts, query: { format } }) => {
        const day = parts[0]!;
        const report = reports.of(day, now());
        if (format === 'json') return json(200, { report: report ?? null });
        if (report === undefined) return problemAnswer(404, `there is no report of '${day}'`);
        const name = `volfilter-${report.day}.${format}`;
        if (format === 'csv')
          return {
            status: 200,
            headers: {
              'content-type': 'text/csv; charset=utf-8',
              'cache-control': 'no-store',
              'content-disposition': `attachment; filename="${name}"`,
            },
            body: reportAsCsv(report),
          };
        return {
          status: 200,
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'cache-control': 'no-store',
            'content-security-policy': REPORT_POLICY,
          },
          body: reportAsHtml(report),
        };
      },
    }),
  ];
}
