import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { article as en } from '../../../web/src/guide/article.en.ts';
import { articleSections, furtherReading } from '../../../web/src/guide/article.ts';
import { article as zhCN } from '../../../web/src/guide/article.zh-CN.ts';
import { articleFormulas } from '../../../web/src/guide/article_formulas.ts';
import type { SectionText } from '../../../web/src/guide/texts.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import manifest from '../../../weights/manifest.json' with { type: 'json' };
import { operationIds } from '../../../web/src/view/operations.ts';
import { bracesLeft, expectLengths, placeholdersIn } from './texts.ts';

const ids = articleSections.map(({ id }) => id);
const piecesOf = ({ paragraphs }: SectionText) => paragraphs.flat();
const wordsOf = (section: SectionText) =>
  piecesOf(section).flatMap((piece) =>
    typeof piece === 'string' ? [piece] : 'term' in piece ? [piece.term] : [],
  );
const formulasOf = (section: SectionText) =>
  piecesOf(section).flatMap((piece) =>
    typeof piece !== 'string' && 'formula' in piece ? [piece.formula] : [],
  );

test.each([
  ['English', en],
  ['Chinese', zhCN],
])('%s has every section and every formula', (_, { sections, formulas }) => {
  expect(Object.keys(sections)).toEqual(ids);
  expect(Object.keys(formulas).sort()).toEqual(Object.keys(articleFormulas).sort());
});

test('is read in a quarter of an hour', () => {
  const english = ids.flatMap((id) => wordsOf(en.sections[id])).join('');
  const chinese = ids.flatMap((id) => wordsOf(zhCN.sections[id])).join('');
  expectLengths(english, [1200, 1900], chinese, [2000, 3600]);
});

describe.each(ids)('%s', (id) => {
  test('has the same formulas in both languages, each on a line of its own', () => {
    const shown = formulasOf(en.sections[id]);
    expect(formulasOf(zhCN.sections[id])).toEqual(shown);
    expect([...operationIds, ...Object.keys(articleFormulas)]).toEqual(
      expect.arrayContaining(shown),
    );
    for (const { paragraphs } of [en.sections[id], zhCN.sections[id]]) {
      for (const pieces of paragraphs) {
        const alone = pieces.every((piece) => typeof piece === 'string' || !('formula' in piece));
        expect(alone || pieces.length === 1).toBe(true);
      }
    }
  });

  test('takes only numbers that the page knows', () => {
    for (const text of [en.sections[id], zhCN.sections[id]].flatMap(wordsOf)) {
      expect(guideValueNames).toEqual(expect.arrayContaining(placeholdersIn(text)));
      expect(bracesLeft(text)).toBe(false);
    }
  });
});

test('every formula of the article’s own is shown', () => {
  const shown = ids.flatMap((id) => formulasOf(en.sections[id]));
  expect(shown).toEqual(expect.arrayContaining(Object.keys(articleFormulas)));
});

test.each(manifest.embedded)('$id has as many parameters as the formula says', (entry) => {
  const config = JSON.parse(
    readFileSync(new URL(`../../../weights/${entry.path}/config.json`, import.meta.url), 'utf8'),
  );
  const { vocab_size: V, n_embd: C, n_positions: S, n_layer: L } = config;
  const F = config.n_inner ?? 4 * C;
  expect(V * C + S * C + L * (4 * C * C + 2 * C * F + 9 * C + F) + 2 * C).toBe(entry.parameters);
});

test('further reading names each work once', () => {
  expect(new Set(furtherReading.map(({ title }) => title)).size).toBe(furtherReading.length);
});
