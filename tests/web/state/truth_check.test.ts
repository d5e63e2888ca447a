// The identities on real runs: they hold, and each catches the number that it is about.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edit, load, type Model } from 'glassformer';
import {
  blockGroups,
  type CheckedModel,
  type CheckedRun,
  checkRun,
} from '../../../web/src/state/truth_check.ts';
import { patternName, scoresName } from '../../../web/src/view/attention.ts';
import { flowTensors } from '../../../web/src/view/flow/stations.ts';
import type { Finding, IdentityId } from '../../../web/src/view/identities.ts';

const root = new URL('../../../', import.meta.url);
const sentence = 'Once upon a time there was a little girl';
let model: Model;
let tang: Model;
beforeAll(async () => {
  model = await load(new URL('weights/stories/', root), { threads: 1 });
  tang = await load(new URL('weights/tang/', root), { threads: 1 });
});
afterAll(async () => {
  await model.dispose();
  await tang.dispose();
});

const { signal } = new AbortController();

/** A run as the page makes it: the activations on screen, and the last row of logits. */
async function runOf(of: Model, text: string, edits: readonly Edit[] = []): Promise<CheckedRun> {
  const ids = of.tokenizer.encode(text);
  // Masked scores are -infinity, which is to be equal as well.
  const names = [...flowTensors(2), scoresName(2)];
  const options = { names, logits: 'last', edits } as const;
  const { cache, logits, reused } = await of.runWithCache(ids, options);
  return { ids, logits: logits.data, activations: new Map(cache), reused };
}

type Change = (name: string, data: Float32Array) => void;

/** The same model, but for what `change` does to the numbers that it gives. */
const erring = (of: Model, change: Change): CheckedModel => ({
  config: of.config,
  async runWithCache(ids, options) {
    const result = await of.runWithCache(ids, options);
    for (const [name, { data }] of result.cache) change(name, data);
    return result;
  },
  weight: (name) => of.weight(name),
  logitAttribution: (ids, options) => of.logitAttribution(ids, options),
  sample: (logits, options) => of.sample(logits, options),
});

const byId = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map((finding) => [finding.id, finding])) as Record<
    IdentityId,
    Finding
  >;

describe('the identities hold', () => {
  test.each([
    ['stories', sentence],
    ['stories', ' The dog ran to the big tree, and'.repeat(6)],
    ['tang', '春眠不觉晓，处处闻啼鸟。'],
  ])('in %s, on "%s"', async (name, text) => {
    const of = name === 'tang' ? tang : model;
    const findings = await checkRun(of, await runOf(of, text), { signal });
    for (const { id, compared, failed, worst } of findings) {
      expect(failed, id).toBe(0);
      expect(compared, id).toBeGreaterThan(0);
      expect(worst!.error, id).toBeLessThanOrEqual(worst!.allowed);
    }
  });

  test('where attention weights go down to 10^-38, where 32 bits end', async () => {
    // Queries that are so much longer choose one key each, or nearly.
    const edits = [{ name: 'blocks.2.attn.hook_q', op: 'scale', value: 40 }] as const;
    const edited: CheckedModel = {
      ...erring(model, () => {}),
      runWithCache: (ids, options) => model.runWithCache(ids, { ...options, edits }),
      logitAttribution: (ids, options) => model.logitAttribution(ids, { ...options, edits }),
    };
    const run = await runOf(model, sentence, edits);
    const weights = run.activations.get(patternName(2))!.data;
    const vanishing = 2 ** -124;
    expect(weights.some((weight) => weight > 0 && weight < 100 * vanishing)).toBe(true);
    for (const { id, compared, failed } of await checkRun(edited, run, { signal })) {
      expect(failed, id).toBe(0);
      // Nothing is kept for the next run of one that was changed.
      expect(compared > 0, id).toBe(id !== 'cache');
    }
  });

  test('for a single token, to which some do not apply', async () => {
    const findings = await checkRun(model, await runOf(model, 'A'), { signal });
    const none = findings.filter(({ compared }) => compared === 0).map(({ id }) => id);
    expect(none).toEqual(['causal', 'cache']);
    expect(findings.every(({ failed }) => failed === 0)).toBe(true);
  });

  test('for a run that went on from the one before, too', async () => {
    await runOf(model, sentence);
    const run = await runOf(model, `${sentence} who`);
    expect(run.reused).toBeGreaterThan(0);
    const { cache } = byId(await checkRun(model, run, { signal }));
    expect(cache.compared).toBeGreaterThan(10_000);
    expect(cache.failed).toBe(0);
  });

  test('every number of a block is compared', async () => {
    const run = await runOf(model, sentence);
    const tokens = run.ids.length;
    const found = byId(await checkRun(model, run, { signal }));
    const { n_layer: L, n_head: H, n_embd: C } = model.config;
    expect(found.attentionAdded.compared).toBe(L * tokens * C);
    expect(found.handedOn.compared).toBe((L - 1) * tokens * C);
    expect(found.heads.compared).toBe(L * tokens * C);
    expect(found.mix.compared).toBe(L * tokens * C);
    expect(found.normMean.compared).toBe((2 * L + 1) * tokens);
    expect(found.rowSum.compared).toBe(L * H * tokens);
    expect(found.causal.compared).toBe((L * H * tokens * (tokens - 1)) / 2);
  });
});

/** By the size of what changes: a thousandth, which no rounding reaches. */
const more = (place: number, of: string, by = 1e-3): Change => {
  return (name, data) => {
    if (name === of) data[place]! += by;
  };
};
const [C, H, T] = [192, 6, 9];

describe('one number that is wrong is found, and named', () => {
  test.each<[IdentityId, string, number[], number]>([
    ['embedding', 'blocks.0.hook_resid_pre', [4, 7], 4 * C + 7],
    ['handedOn', 'blocks.3.hook_resid_pre', [2, 11], 2 * C + 11],
    ['attentionAdded', 'blocks.1.hook_resid_mid', [8, 190], 8 * C + 190],
    ['mlpAdded', 'blocks.5.hook_resid_post', [3, 5], 3 * C + 5],
    ['causal', 'blocks.2.attn.hook_pattern', [1, 3, 4], (T + 3) * T + 4],
    ['softmax', 'blocks.2.attn.hook_pattern', [5, 8, 2], (5 * T + 8) * T + 2],
    ['mix', 'blocks.4.attn.hook_z', [6, 2, 9], (6 * H + 2) * 32 + 9],
    ['heads', 'blocks.0.hook_attn_out', [7, 100], 7 * C + 100],
    ['cache', 'blocks.2.mlp.hook_post', [1, 6], 4 * C + 6],
  ])('%s: %s[%j]', async (id, name, index, place) => {
    const run = await runOf(model, sentence);
    expect(run.ids).toHaveLength(T);
    const findings = byId(await checkRun(erring(model, more(place, name)), run, { signal }));
    expect(findings[id].failed).toBe(1);
    expect(findings[id].worst!.subject).toEqual({ name, index });
    expect(findings[id].worst!.error).toBeGreaterThan(findings[id].worst!.allowed);
  });

  test.each<[IdentityId, string]>([
    ['normMean', 'blocks.1.ln2.hook_normalized'],
    ['normVariance', 'ln_final.hook_normalized'],
    ['rowSum', 'blocks.3.attn.hook_pattern'],
  ])('%s: a row of %s', async (id, name) => {
    const run = await runOf(model, sentence);
    // The sixth row of a layer norm, or of the first head.
    const place = 5 * (id === 'rowSum' ? T : C);
    const findings = byId(await checkRun(erring(model, more(place, name, 0.1)), run, { signal }));
    const { failed, worst } = findings[id];
    expect(failed).toBe(1);
    expect(worst!.subject.name).toBe(name);
    expect(worst!.subject.index.slice(0, -1)).toEqual(id === 'rowSum' ? [0, 5] : [5]);
  });

  test('probabilities and attribution', async () => {
    const run = await runOf(model, sentence);
    const liar: CheckedModel = {
      ...erring(model, () => {}),
      sample: (logits, options) => {
        const { probabilities } = model.sample(logits, options);
        return { probabilities: probabilities.map((p) => p * 1.00001) };
      },
      logitAttribution: async (ids, options) => {
        const { terms, ...rest } = await model.logitAttribution(ids, options);
        return { ...rest, terms: terms.slice(1) };
      },
    };
    const findings = byId(await checkRun(liar, run, { signal }));
    const names = Object.values(findings).filter(({ failed }) => failed > 0);
    expect(names.map(({ id }) => id)).toEqual(['probabilities', 'attribution']);
    expect(findings.attribution.worst!.subject.name).toBe('logits');
  });

  test('what is no number is wrong as well', async () => {
    const run = await runOf(model, sentence);
    const change = more(0, 'blocks.0.hook_resid_mid', NaN);
    const { attentionAdded } = byId(await checkRun(erring(model, change), run, { signal }));
    expect(attentionAdded.failed).toBe(1);
    expect(attentionAdded.worst!.error).toBeNaN();
  });
});

describe('a check', () => {
  test('says how far it is, to the end', async () => {
    const heard: number[] = [];
    const run = await runOf(model, sentence);
    await checkRun(model, run, { signal, onProgress: (done) => heard.push(done) });
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(heard.at(-1)).toBe(1);
  });

  test('stops when it is told to', async () => {
    const abort = new AbortController();
    const run = await runOf(model, sentence);
    const check = checkRun(model, run, {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(check).rejects.toThrow();
  });

  test('leaves the model as the page left it: the next token continues', async () => {
    const run = await runOf(model, sentence);
    await checkRun(model, run, { signal });
    const next = await model.runWithCache([...run.ids, 7], {
      names: flowTensors(2),
      logits: 'last',
    });
    expect(next.reused).toBe(run.ids.length);
  });

  test('takes a few blocks at a time, so that a long text needs little memory', () => {
    expect(blockGroups(3, 1)).toEqual([[0, 1, 2]]);
    expect(blockGroups(3, 1e9)).toEqual([[0], [1], [2]]);
    expect(blockGroups(5, 20e6)).toEqual([[0, 1], [2, 3], [4]]);
  });
});
