// What the guide's texts are filled with: the numbers of the model and of its run, as they are printed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import type { Explorer } from '../../../web/src/state/explorer.svelte.ts';
import { guideValuesOf } from '../../../web/src/state/guide_values.ts';
import { runModel } from '../../../web/src/state/model_client.ts';
import { patternName } from '../../../web/src/view/attention.ts';
import { embeddedModels } from '../../../web/src/view/models.ts';
import * as numbers from '../../../web/src/view/numbers.ts';
import { numberIn } from '../support/numbers.ts';

const [block, head] = [3, 2];
const entry = embeddedModels.find(({ id }) => id === 'stories')!;
const text = 'Once upon a time, there was a little girl';
let model: Model;
beforeAll(
  async () => void (model = await load(new URL('../../../weights/stories/', import.meta.url))),
);
afterAll(() => model.dispose());

const languageOf = (current: 'en' | 'zh-CN') => ({
  current,
  count: (value: number) => numbers.count(value, current),
  compact: (value: number) => numbers.compact(value, current),
});

/** The part of the page's state that they are taken from. */
async function explorerOf(text: string, query: number, language: 'en' | 'zh-CN' = 'en') {
  const ids = model.tokenizer.encode(text);
  const { signal } = new AbortController();
  const run = await runModel(model, ids, [patternName(block)], signal);
  const explorer = {
    language: languageOf(language),
    config: model.config,
    run,
    stages: model.sample(run.logits, { temperature: 0.8, topK: 40, seed: 1, step: ids.length }),
    pattern: run.patterns.get(block)!,
    query,
    selection: { block, head },
    models: { current: { entry, model } },
    wanted: entry,
  };
  return explorer as typeof explorer & Pick<Explorer, keyof typeof explorer>;
}
const valuesOf = (explorer: object) => guideValuesOf(explorer as Explorer);

describe('once there is a run', () => {
  test('all of them are known', async () => {
    const values = valuesOf(await explorerOf(text, 7));
    expect(Object.keys(values).sort()).toEqual([...guideValueNames].sort());
  });

  test('sizes are those of the model’s configuration', async () => {
    const { n_layer, n_head, n_embd, head_width, n_inner, vocab_size, n_positions } = model.config;
    const values = valuesOf(await explorerOf(text, 7));
    expect(
      (['blocks', 'heads', 'width', 'headWidth', 'mlpWidth', 'vocabulary', 'context'] as const).map(
        (name) => Number(values[name]!.replaceAll(',', '')),
      ),
    ).toEqual([n_layer, n_head, n_embd, head_width, n_inner, vocab_size, n_positions]);
    expect(model.info.parameters).toBe(3_505_152);
    expect(values.parameters).toBe('3.51 million');
    expect([values.block, values.head]).toEqual([String(block), String(head)]);
  });

  test('the text, its length and its last token are those of the run', async () => {
    const { text: shown, count, lastToken } = valuesOf(await explorerOf(text, 7));
    expect(shown).toBe(text);
    expect(Number(count)).toBe(model.tokenizer.encode(text).length);
    expect(lastToken).toBe('·girl');
  });

  test('the next token is the most probable one of the sampler, with its probability', async () => {
    const explorer = await explorerOf(text, 7);
    const { logits } = await model.runWithCache(text, { names: [], logits: 'last' });
    const scaled = Array.from(logits.data, (logit) => Math.exp(logit / 0.8));
    const total = scaled.reduce((sum, each) => sum + each, 0);
    const best = scaled.indexOf(Math.max(...scaled));
    const { nextToken, nextProbability } = valuesOf(explorer);
    expect(nextToken).toBe(model.tokenizer.decode([best]).replace(' ', '·'));
    expect(numberIn(nextProbability!)).toBeCloseTo(scaled[best]! / total, 3);
  });

  test.each([0, 5, 9])('position %d looks most at the largest weight of its row', async (query) => {
    const { cache } = await model.runWithCache(text, { names: [patternName(block)] });
    const row = Array.from(cache.get(patternName(block)).slice(head, query).data);
    const largest = Math.max(...row);
    const { strongestKey, strongestWeight } = valuesOf(await explorerOf(text, query));
    const key = model.tokenizer.pieces(text)[row.indexOf(largest)]!;
    expect(strongestKey).toBe(key.text.replace(' ', '·'));
    expect(Number(strongestWeight)).toBeCloseTo(largest, 4);
  });

  test('names and numbers are printed as the language of the page does', async () => {
    const values = valuesOf(await explorerOf(text, 7, 'zh-CN'));
    expect(values.model).toBe(entry.name['zh-CN']);
    expect(values.parameters).toBe('351万');
  });

  test('a long text is told by its beginning', async () => {
    const { text: shown } = valuesOf(await explorerOf(`${text}. She was called Lily.`, 7));
    expect(shown).toBe('Once upon a time, there was a little girl. She …');
  });
});

describe('what is not known is absent', () => {
  test('before there is a model, all but its name and the place on the map', async () => {
    const none = {
      config: null,
      run: null,
      stages: null,
      pattern: null,
      models: { current: null },
    };
    const values = valuesOf({ ...(await explorerOf(text, 7)), ...none });
    expect(values).toEqual({ block: '3', head: '2', model: 'Stories' });
  });

  test('before the first run, what is of the text', async () => {
    const none = { run: null, stages: null, pattern: null };
    const values = valuesOf({ ...(await explorerOf(text, 7)), ...none });
    const ofTheText = /^(text|count|last|next|strongest)/;
    expect(Object.keys(values).sort()).toEqual(
      guideValueNames.filter((name) => !ofTheText.test(name)).sort(),
    );
  });

  test('while the pattern is still that of another text, or of a model with fewer heads', async () => {
    const explorer = await explorerOf(text, 7);
    const { pattern: other } = await explorerOf('Once upon a time', 2);
    expect(valuesOf({ ...explorer, pattern: other })).not.toHaveProperty('strongestWeight');
    const few = { ...explorer.pattern, heads: head };
    expect(valuesOf({ ...explorer, pattern: few })).not.toHaveProperty('strongestKey');
  });
});
