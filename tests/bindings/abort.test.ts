import { load } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { golden, plainFiles, stories } from './support/models.ts';
import { below, serveFiles, stallAfter } from './support/server.ts';

const plain = plainFiles();

describe('an aborted load', () => {
  it('rejects with the reason, an AbortError by default', async () => {
    await expect(load(stories, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    const reason = new Error('The user left');
    await expect(load(stories, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('stops a download that hangs', async () => {
    await using server = await serveFiles(
      below('', { ...plain, 'model.safetensors': stallAfter(plain['model.safetensors']!, 5000) }),
    );
    const controller = new AbortController();
    const reason = new Error('Enough');
    const loading = load(server.url, {
      signal: controller.signal,
      onProgress: ({ status }) => {
        if (status === 'progress') setTimeout(() => controller.abort(reason), 20);
      },
    });
    await expect(loading).rejects.toBe(reason);
  });

  it("does not wait for a caller's fetch that pays no attention", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const signal = AbortSignal.timeout(20);
    await expect(load('https://nowhere.invalid', { fetch, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('honours a timeout', async () => {
    await using server = await serveFiles({ '/config.json': () => {} });
    await expect(load(server.url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('tells no more progress', async () => {
    const controller = new AbortController();
    let late = 0;
    await load(stories, {
      signal: controller.signal,
      onProgress: () => {
        if (controller.signal.aborted) ++late;
        controller.abort();
      },
    }).catch(() => {});
    const soon = late;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(late).toBe(soon);
  });
});

describe('an aborted run', () => {
  it('rejects with the reason between stages, and the model goes on working', async () => {
    await using model = await load(golden('plain'));
    const controller = new AbortController();
    const stages: number[] = [];
    const run = model.runWithCache([1, 2, 3], {
      signal: controller.signal,
      onStage: (done) => {
        stages.push(done);
        controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(stages).toEqual([1]);
    expect((await model.runWithCache([1, 2, 3])).tokens).toEqual([1, 2, 3]);
  });

  it('rejects before it starts where the signal was aborted before', async () => {
    await using model = await load(golden('plain'));
    const reason = new Error('Never mind');
    const signal = AbortSignal.abort(reason);
    await expect(model.runWithCache([1], { signal })).rejects.toBe(reason);
    await expect(model.generate([1], { signal }).next()).rejects.toBe(reason);
  });

  it('yields to the event loop while it computes, so that a click gets through', async () => {
    await using model = await load(stories);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    const long = new Array(model.config.n_positions).fill(5);
    await expect(model.runWithCache(long, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('an aborted generation', () => {
  it('rejects at the next step', async () => {
    await using model = await load(stories);
    const controller = new AbortController();
    const steps: number[] = [];
    const generation = (async () => {
      for await (const { id } of model.generate('One day', { signal: controller.signal })) {
        steps.push(id);
        if (steps.length === 3) controller.abort();
      }
    })();
    await expect(generation).rejects.toMatchObject({ name: 'AbortError' });
    expect(steps).toHaveLength(3);
  });
});
