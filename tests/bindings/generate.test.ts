import { type GenerateOptions, type GenerateStep, load, type Model } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { golden, greedy, stories, tang } from './support/models.ts';

let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterAll(() => model.dispose());

async function stepsOf(of: Model, input: string | number[], options: GenerateOptions) {
  const steps: GenerateStep[] = [];
  for await (const step of of.generate(input, options)) steps.push(step);
  return steps;
}
const idsOf = (steps: GenerateStep[]) => steps.map(({ id }) => id);
const textOf = (steps: GenerateStep[]) => steps.map(({ text }) => text).join('');

describe('generate', () => {
  it('continues greedily as the reference does', async () => {
    const steps = await stepsOf(model, greedy.prompt, { temperature: 0, maxTokens: 24 });
    expect(idsOf(steps)).toEqual(greedy.greedy_24);
    expect(greedy.prompt + textOf(steps)).toBe(greedy.text);
    expect(steps.map(({ position }) => position)).toEqual(
      greedy.greedy_24.map((_, i) => greedy.ids.length + i),
    );
    expect(steps.map(({ finish }) => finish)).toEqual([...new Array(23).fill(null), 'length']);
  });

  it('draws the same tokens from the same seed, and others from another', async () => {
    const options = { maxTokens: 30, temperature: 1.2 };
    const first = await stepsOf(model, 'One day', { ...options, seed: 7 });
    const again = await stepsOf(model, 'One day', { ...options, seed: 7n });
    const other = await stepsOf(model, 'One day', { ...options, seed: 8 });
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(idsOf(other)).not.toEqual(idsOf(first));
  });

  it('lists candidates, the most probable first, and all stages on request', async () => {
    const [step] = await stepsOf(model, greedy.prompt, {
      ...{ maxTokens: 1, seed: 3, topK: 5, temperature: 0.8 },
      ...{ candidates: 8, stages: true },
    });
    const { candidates, sampling, id, probability, logprob } = step!;
    expect(candidates).toHaveLength(8);
    for (let i = 1; i < 8; ++i) {
      expect(candidates[i]!.probability).toBeLessThanOrEqual(candidates[i - 1]!.probability);
    }
    expect(candidates[0]!.text).toBe(' named');
    expect(candidates.filter(({ filtered }) => filtered > 0)).toHaveLength(5);
    expect(sampling!.token).toBe(id);
    expect(sampling!.afterTopK).toBe(5);
    expect(sampling!.probabilities).toHaveLength(model.config.vocab_size);
    expect(sampling!.probabilities[id]).toBe(probability);
    expect(logprob).toBeCloseTo(Math.log(probability), 10);
    const total = sampling!.probabilities.reduce((sum, p) => sum + p, 0);
    expect(total).toBeCloseTo(1, 5);
  });

  it('carries no stages unless asked', async () => {
    const [step] = await stepsOf(model, 'a', { maxTokens: 1 });
    expect(step).not.toHaveProperty('sampling');
    expect(step!.candidates).toHaveLength(10);
  });

  it('applies edits in every pass', async () => {
    const ablated = await stepsOf(model, greedy.prompt, {
      ...{ temperature: 0, maxTokens: 24 },
      edits: [{ name: 'blocks.0.hook_mlp_out', op: 'zero' }],
    });
    expect(idsOf(ablated)).not.toEqual(greedy.greedy_24);
  });

  it('stops at a full context, and says so', async () => {
    await using plain = await load(golden('plain'));
    const { n_positions } = plain.config;
    const prompt = Array.from({ length: n_positions - 2 }, (_, i) => i);
    const steps = await stepsOf(plain, prompt, { temperature: 0, maxTokens: 50 });
    expect(steps.map(({ position }) => position)).toEqual([62, 63, 64]);
    expect(steps.at(-1)!.finish).toBe('context');
  });

  it('stops at the end-of-text token, which is no text, unless told to go on', async () => {
    const end = model.config.eos_token_id!;
    // The last position's logit of the end token made the largest.
    const edits = [{ name: 'logits', op: 'set', value: 1e4, neuron: end, position: -1 }] as const;
    const options = { temperature: 0, maxTokens: 3, edits };
    const stopped = await stepsOf(model, greedy.ids, options);
    expect(idsOf(stopped)).toEqual([end]);
    expect(stopped[0]).toMatchObject({ finish: 'end', text: '' });
    const endless = await stepsOf(model, greedy.ids, { ...options, stopAtEnd: false });
    expect(idsOf(endless)).toEqual([end, end, end]);
  });

  it('yields nothing for no tokens', async () => {
    expect(await stepsOf(model, 'a', { maxTokens: 0 })).toEqual([]);
  });

  it('can be left early and used again', async () => {
    for (let round = 0; round < 3; ++round) {
      for await (const step of model.generate(greedy.prompt, { temperature: 0 })) {
        expect(step.id).toBe(greedy.greedy_24[0]);
        break;
      }
    }
  });

  it('interleaves with other generations of the same model', async () => {
    const options = { temperature: 0, maxTokens: 24 };
    const [one, two] = await Promise.all([
      stepsOf(model, greedy.prompt, options),
      stepsOf(model, greedy.prompt, options),
    ]);
    expect(idsOf(one)).toEqual(greedy.greedy_24);
    expect(idsOf(two)).toEqual(greedy.greedy_24);
  });

  it('refuses options outside their range', async () => {
    const first = (options: object) => model.generate('a', options).next();
    await expectError(first({ temperature: -1 }), 'bad-option', /temperature/);
    await expectError(first({ topP: 0 }), 'bad-option', /top_?p/i);
    await expectError(first({ topK: -2 }), 'bad-option', /top_?k/i);
    await expectError(first({ topK: 1.5 }), 'bad-option', /topK/);
    await expectError(first({ seed: -1 }), 'bad-option', /seed/);
    await expectError(first({ seed: 2 ** 60 }), 'bad-option', /seed/);
    await expectError(first({ maxTokens: Infinity }), 'bad-option', /maxTokens/);
    await expectError(first({ temperature: 'hot' }), 'bad-option', /hot/);
  });
});

describe('generation of characters that span tokens', () => {
  it('yields whole characters only, and loses none', async () => {
    await using poet = await load(tang);
    const prompt = '白日依山尽，';
    const steps = await stepsOf(poet, prompt, { temperature: 0, maxTokens: 40 });
    const ids = poet.tokenizer.encode(prompt).concat(idsOf(steps));
    const bytes = steps.flatMap((step) => [...step.bytes]);
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(textOf(steps));
    expect(prompt + textOf(steps)).toBe(poet.tokenizer.decode(ids));
    expect(textOf(steps.slice(0, -1))).not.toContain('\ufffd');
    expect(textOf(steps)).toMatch(/\p{Script=Han}{4}/u);
  });

  it('completes a character that the prompt begins', async () => {
    await using poet = await load(tang);
    // A rare character that the vocabulary has only as bytes.
    const bytes = poet.tokenizer.encode('𠮷');
    expect(bytes.length).toBeGreaterThan(1);
    const last = bytes.at(-1)!;
    const edits = [{ name: 'logits', op: 'set', value: 1e4, neuron: last, position: -1 }] as const;
    const steps = await stepsOf(poet, bytes.slice(0, -1), { temperature: 0, maxTokens: 1, edits });
    expect(textOf(steps)).toBe('𠮷');
  });
});

describe('sample', () => {
  it('gives the same stages as generation, from the logits alone', async () => {
    const options = { temperature: 0.9, topK: 20, topP: 0.8, seed: 11 };
    const steps = await stepsOf(model, greedy.prompt, { ...options, maxTokens: 3, stages: true });
    for (const { sampling, position } of steps) {
      const stages = model.sample(sampling!.logits, { ...options, step: position });
      expect(stages).toEqual(sampling);
    }
  });

  it('draws the same token after the same text, however it came about', async () => {
    const options = { temperature: 1.2, seed: 5 };
    const whole = await stepsOf(model, greedy.prompt, { ...options, maxTokens: 6 });
    const begun = [...greedy.ids, ...whole.slice(0, 3).map(({ id }) => id)];
    const rest = await stepsOf(model, begun, { ...options, maxTokens: 3 });
    expect(rest.map(({ id }) => id)).toEqual(whole.slice(3).map(({ id }) => id));
  });

  it('takes the last row of a run', async () => {
    const { logits } = await model.runWithCache(greedy.prompt, { names: [] });
    expect(model.sample(logits, { temperature: 0 }).token).toBe(greedy.greedy_24[0]);
  });

  it('refuses what are no logits', () => {
    expect(() => model.sample(new Float32Array(3))).toThrow(/Float32Array of 2\d{3} logits|logits/);
    const nan = new Float32Array(model.config.vocab_size).fill(NaN);
    expect(() => model.sample(nan)).toThrow(expect.objectContaining({ code: 'bad-logits' }));
  });
});

describe('stop texts', () => {
  it('end the text before them, wherever tokens end', async () => {
    const whole = textOf(await stepsOf(model, greedy.prompt, { temperature: 0, maxTokens: 24 }));
    for (const stop of [' to play', 'ly', whole.slice(20, 33)]) {
      const steps = await stepsOf(model, greedy.prompt, { temperature: 0, maxTokens: 24, stop });
      const place = whole.indexOf(stop);
      expect(place, stop).toBeGreaterThanOrEqual(0);
      expect(textOf(steps), stop).toBe(whole.slice(0, place));
      expect(steps.at(-1)!.finish).toBe('stop');
    }
  });

  it('hold back what may begin one, and give it when it does not', async () => {
    const options = { temperature: 0, maxTokens: 24 };
    const whole = await stepsOf(model, greedy.prompt, options);
    const stop = [`${textOf(whole).slice(5, 25)}#`, 'never to be seen'];
    const steps = await stepsOf(model, greedy.prompt, { ...options, stop });
    expect(textOf(steps)).toBe(textOf(whole));
    expect(steps.map(({ text }) => text)).not.toEqual(whole.map(({ text }) => text));
  });

  it('are not empty', async () => {
    await expectError(stepsOf(model, 'a', { stop: '' }), 'bad-option', /stop is a text/);
    await expectError(stepsOf(model, 'a', { stop: [3] as never }), 'bad-option', /stop is a text/);
  });
});

describe('samples', () => {
  it('are what generations with the seeds that follow would be', async () => {
    const options = { maxTokens: 12, temperature: 1.3 };
    const steps = await stepsOf(model, 'One day', { ...options, seed: 40, samples: 3 });
    expect(steps).toHaveLength(36);
    for (const sample of [0, 1, 2]) {
      const alone = await stepsOf(model, 'One day', { ...options, seed: 40 + sample });
      const of = steps.filter((step) => step.sample === sample);
      expect(idsOf(of)).toEqual(idsOf(alone));
      expect(textOf(of)).toBe(textOf(alone));
      expect(of.at(-1)!.finish).toBe('length');
    }
    expect(steps.slice(0, 6).map(({ sample }) => sample)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('end each at its own stop', async () => {
    const options = { maxTokens: 40, temperature: 1, seed: 3, samples: 3, stop: '.' };
    const steps = await stepsOf(model, 'One day', options);
    for (const sample of [0, 1, 2]) {
      const of = steps.filter((step) => step.sample === sample);
      expect(of.filter(({ finish }) => finish)).toHaveLength(1);
      expect(of.at(-1)!.finish).not.toBeNull();
      expect(textOf(of)).not.toContain('.');
    }
  });
});

describe('min-p and penalties', () => {
  it('keep what is probable enough', async () => {
    const [step] = await stepsOf(model, greedy.prompt, { maxTokens: 1, minP: 0.2, stages: true });
    const { afterMinP, order, probabilities } = step!.sampling!;
    const best = probabilities[order[0]!]!;
    expect(probabilities[order[afterMinP - 1]!]).toBeGreaterThanOrEqual(0.2 * best);
    expect(probabilities[order[afterMinP]!]).toBeLessThan(0.2 * best);
  });

  it('make repetition less probable', async () => {
    const prompt = 'dog dog dog dog dog dog';
    const repeated = (steps: GenerateStep[]) => steps.length - new Set(idsOf(steps)).size;
    const options = { temperature: 0, maxTokens: 40 };
    const plain = await stepsOf(model, prompt, options);
    for (const penalty of [
      { repetitionPenalty: 1.5 },
      { frequencyPenalty: 1.5 },
      { presencePenalty: 3 },
    ]) {
      const steps = await stepsOf(model, prompt, { ...options, ...penalty });
      expect(repeated(steps)).toBeLessThan(repeated(plain));
    }
  });

  it('are the same without a model run', async () => {
    const options = { maxTokens: 2, frequencyPenalty: 4, repetitionPenalty: 1.3, stages: true };
    const [first, second] = await stepsOf(model, greedy.prompt, { ...options, seed: 5 });
    const stages = model.sample(second!.sampling!.logits, {
      ...{ frequencyPenalty: 4, repetitionPenalty: 1.3, seed: 5, step: second!.position },
      ...{ prompt: greedy.ids, generated: [first!.id] },
    });
    expect(stages.penalized).toEqual(second!.sampling!.penalized);
    expect(stages.token).toBe(second!.id);
    expect(stages.penalized[first!.id]).toBeLessThan(stages.logits[first!.id]!);
  });

  it('have ranges', async () => {
    for (const [option, value] of [
      ['minP', 1.5],
      ['repetitionPenalty', 0],
      ['frequencyPenalty', Infinity],
    ] as const) {
      await expectError(stepsOf(model, 'a', { [option]: value }), 'bad-option', /must be/);
    }
  });
});
