// Judges vitest's JSON report: prints "PASSED FAILED" and fails when nothing ran, something failed, or something was
// skipped although the recorded data is there.
// usage: node .ci/test-report.mjs REPORT.json
import { existsSync, readFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const sharedData = fileURLToPath(new URL('../../shared/data', import.meta.url));

/**
 * What is wrong with a test run, in lines.
 * @param {{ numTotalTests: number, numFailedTests: number, numFailedTestSuites: number, numPendingTests: number, numTodoTests: number, success: boolean }} report
 * @param {boolean} dataIsThere
 */
export function complaints(report, dataIsThere) {
  const skipped = report.numPendingTests + report.numTodoTests;
  return [
    ...(report.numTotalTests === 0 ? ['no test ran'] : []),
    ...(report.numFailedTests > 0 ? [`${report.numFailedTests} tests failed`] : []),
    ...(report.numFailedTests === 0 && !report.success ? ['a test file failed outside its tests'] : []),
    ...(skipped > 0 && dataIsThere ? [`${skipped} tests were skipped although the recorded data is there`] : []),
  ];
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const path = argv[2] ?? '';
  if (!existsSync(path)) {
    console.log('0 0');
    stderr.write('tests: the run left no report\n');
    exit(1);
  }
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const wrong = complaints(report, existsSync(sharedData));
  console.log(`${report.numPassedTests} ${report.numFailedTests}`);
  for (const line of wrong) stderr.write(`tests: ${line}\n`);
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status !== 'passed') stderr.write(`  ${status}: ${name}: ${fullName}\n`);
    }
  }
  exit(wrong.length === 0 ? 0 : 1);
}
