import { describe, expect, it } from 'vitest';
import { below } from '../../tools/setup/paths.mjs';
import { failuresOf, secondTriesOf } from '../../tools/test/vitest.mjs';

describe('the end of npm test', () => {
  it('names each failed test with its file and the first line of its error', () => {
    const passed = { status: 'passed', fullName: 'softmax sums to one' };
    const failed = {
      status: 'failed',
      fullName: 'softmax keeps -∞ at zero',
      failureMessages: ['AssertionError: expected 1 to be +0\n    at softmax.test.ts:3:1'],
    };
    expect(
      failuresOf({
        testResults: [
          { status: 'passed', name: below('tests/a.test.ts'), assertionResults: [passed] },
          { status: 'failed', name: below('tests/b.test.ts'), assertionResults: [passed, failed] },
        ],
      }),
    ).toEqual(['tests/b.test.ts: softmax keeps -∞ at zero: AssertionError: expected 1 to be +0']);
  });

  it('names a file that failed before any of its tests', () => {
    const message = 'Cannot find module "./softmax.ts"\nRequire stack: …';
    expect(
      failuresOf({
        testResults: [
          { status: 'failed', name: below('tests/c.test.ts'), message, assertionResults: [] },
        ],
      }),
    ).toEqual(['tests/c.test.ts: Cannot find module "./softmax.ts"']);
  });

  it('names each test that passed only when it was tried again', () => {
    const first = 'TimeoutError: 20000ms exceeded\n    at flow.page.test.ts:3:1';
    const tests = [
      { status: 'passed', fullName: 'at once', failureMessages: [] },
      { status: 'passed', fullName: 'then', failureMessages: [first] },
      { status: 'failed', fullName: 'never', failureMessages: [first, first] },
    ];
    const results = { testResults: [{ name: below('tests/d.test.ts'), assertionResults: tests }] };
    expect(secondTriesOf(results)).toEqual([
      'tests/d.test.ts: then: TimeoutError: 20000ms exceeded',
    ]);
  });
});
