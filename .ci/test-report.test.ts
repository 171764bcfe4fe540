import { describe, expect, it } from 'vitest';
import { accounts, complaints } from './test-report.mjs';

const clean = {
  numTotalTests: 3,
  numFailedTests: 0,
  numFailedTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
};

describe('a test run', () => {
  it('in which everything ran and passed is fine', () => {
    expect(complaints(clean, true)).toEqual([]);
  });

  it('of no tests is a failure', () => {
    expect(complaints({ ...clean, numTotalTests: 0 }, true)).toEqual(['no test ran']);
  });

  it('with a failed test is a failure', () => {
    expect(complaints({ ...clean, numFailedTests: 2, success: false }, true)).toEqual(['2 tests failed']);
  });

  it('with a file that could not be loaded is a failure', () => {
    expect(complaints({ ...clean, success: false }, true)).toEqual(['a test file failed outside its tests']);
  });

  it('may skip only where the recorded data is absent', () => {
    const skipping = { ...clean, numPendingTests: 1, numTodoTests: 1 };
    expect(complaints(skipping, true)).toEqual(['2 tests were skipped although the recorded data is there']);
    expect(complaints(skipping, false)).toEqual([]);
  });
});

describe('what is told of a test run', () => {
  it('names each test that did not pass, with the first lines of why, and each file that did not load', () => {
    const failed = {
      status: 'failed',
      fullName: 'a book crosses',
      failureMessages: ['expected 1 to be 2\n    at book.test.ts'],
    };
    const report = {
      testResults: [
        {
          name: 'book.test.ts',
          status: 'failed',
          message: '',
          assertionResults: [failed, { status: 'passed', fullName: 'it' }],
        },
        { name: 'ring.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      ],
    };
    expect(accounts(report)).toEqual([
      'failed: book.test.ts: a book crosses',
      '    expected 1 to be 2',
      '        at book.test.ts',
      'ring.test.ts: no such module',
    ]);
  });
});
