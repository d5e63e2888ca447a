import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';
import { beforeAll, describe, expect, test } from 'vitest';
import { en as enFirst } from '../../web/src/messages/en.ts';
import { enLater } from '../../web/src/messages/en.later.ts';
import {
  format,
  languageOf,
  loadMessages,
  type MessageKey,
} from '../../web/src/messages/messages.ts';
import { zhCNLater } from '../../web/src/messages/zh-CN.later.ts';
import { zhCN as zhCNFirst } from '../../web/src/messages/zh-CN.ts';

const en = { ...enFirst, ...enLater };
const zhCN = { ...zhCNFirst, ...zhCNLater };
const source = new URL('../../web/src/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, source), 'utf8');
const components = [
  'App.svelte',
  ...readdirSync(new URL('components', source)).map((name) => `components/${name}`),
];
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the messages', () => {
  test('have the same keys in every language', () => {
    expect(Object.keys(zhCNFirst).sort()).toEqual(Object.keys(enFirst).sort());
    expect(Object.keys(zhCNLater).sort()).toEqual(Object.keys(enLater).sort());
  });

  test.each(Object.keys(en) as MessageKey[])(
    '%s takes the same values in every language',
    (key) => {
      expect(placeholders(zhCN[key])).toEqual(placeholders(en[key]));
      expect(zhCN[key].trim()).not.toBe('');
    },
  );

  test('are all used', () => {
    const others = [
      'state/explorer.svelte.ts',
      'view/explained_terms.ts',
      'view/explanation.ts',
      'view/failure.ts',
      'view/operations.ts',
    ];
    const code = [...components, ...others].map(read).join('\n');
    const used = (key: string) => {
      const plain = key.replace(/\.(one|relu)$/, '');
      const family = plain.slice(0, plain.lastIndexOf('.'));
      const middle = plain.replace(/\.[^.]+\.([^.]+)$/, '.${');
      return (
        code.includes(`'${plain}'`) ||
        code.includes(`\`${family}.\${`) ||
        code.includes(`\`${middle}`)
      );
    };
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });
});

/** The code that the page has at once: what main.ts imports, and what that imports. */
function codeAtOnce(file: string, found = new Map<string, string>()): Map<string, string> {
  const address = new URL(file, source);
  if (found.has(address.pathname) || !existsSync(address)) return found;
  const code = readFileSync(address, 'utf8');
  found.set(address.pathname, /messages\//.test(file) ? '' : code);
  for (const [, imported] of code.matchAll(/^\s*(?:import|export)\s(?!type)[^;]*?'(\.[^']+)'/gm)) {
    codeAtOnce(new URL(imported!, address).pathname, found);
  }
  return found;
}

test('what comes later are words that nothing at the beginning uses', () => {
  const files = codeAtOnce('main.ts');
  expect(files.size).toBeGreaterThan(80);
  const code = [...files.values()].join('\n');
  const families = Array.from(code.matchAll(/t\(\s*`([\w.]+\.)\$\{/g), ([, family]) => family!);
  const used = Object.keys(enLater)
    .map((key) => key.replace(/\.one$/, ''))
    .filter(
      (key) => code.includes(`'${key}'`) || families.some((family) => key.startsWith(family)),
    );
  expect(used).toEqual([]);
});

describe('a message', () => {
  beforeAll(() => loadMessages('en'));

  test('is filled with its values', () => {
    expect(format('en', 'prompt.count', { count: 3, context: '256' })).toBe('3 of 256 tokens');
  });
  test('about one thing is in the singular', () => {
    expect(format('en', 'next.rest', { count: '1' })).toBe('1 other token');
    expect(format('en', 'next.rest', { count: '4,086' })).toBe('4,086 other tokens');
  });
});

test.each([
  ['zh', 'zh-CN'],
  ['zh-Hant-TW', 'zh-CN'],
  ['en-GB', 'en'],
  ['fr', undefined],
  [null, undefined],
])('a browser in %s gets %s', (tag, language) => expect(languageOf(tag)).toBe(language));

interface Node {
  type?: string;
  name?: string;
  data?: string;
  [key: string]: unknown;
}

/** Words between tags and in attributes that people read or hear. */
function wordsIn(node: unknown, attribute = ''): string[] {
  if (Array.isArray(node)) return node.flatMap((child) => wordsIn(child, attribute));
  if (node === null || typeof node !== 'object') return [];
  const { type, name = '', data = '', ...rest } = node as Node;
  const spoken = ['', 'title', 'alt', 'placeholder', 'aria-label', 'aria-valuetext'];
  if (type === 'Text') return spoken.includes(attribute) && /\p{L}/u.test(data) ? [data] : [];
  const within = type === 'Attribute' || type === 'StyleDirective' ? name : attribute;
  return Object.values(rest).flatMap((child) => wordsIn(child, within));
}

test.each(components)('%s has no words of its own', (component) => {
  const { fragment } = parse(read(component), { modern: true });
  expect(wordsIn(fragment)).toEqual([]);
});

test('words in a component would be found', () => {
  const { fragment } = parse('<p title="one">two {x}</p><b class="c">3</b>', { modern: true });
  expect(wordsIn(fragment)).toEqual(['one', 'two ']);
});
