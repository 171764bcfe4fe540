// Judges vitest's JSON report: prints "PASSED FAILED" and fails when nothing ran, something failed, or something was
// skipped although the recorded data is there.
// usage: node .ci/test-report.mjs REPORT.json
import { existsSync, readFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const REASON_LINES = 12;

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

/**
 * What became of each test that did not pass, and the first lines of why.
 * @param {{ testResults: { name: string, status: string, message: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} report
 */
export function accounts(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => [
    ...(status === 'failed' && message !== '' ? [`${name}: ${message}`] : []),
    ...assertionResults
      .filter((test) => test.status !== 'passed')
      .flatMap((test) => [`${test.status}: ${name}: ${test.fullName}`, ...reasons(test.failureMessages ?? [])]),
  ]);
}

/** @param {string[]} messages */
function reasons(messages) {
  return messages.flatMap((message) => message.split('\n').slice(0, REASON_LINES)).map((line) => `    ${line}`);
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
  for (const line of accounts(report)) stderr.write(`  ${line}\n`);
  exit(wrong.length === 0 ? 0 : 1);
}
