/** Checks the identities of a run: asks the model for its numbers, a few blocks at a time, and adds them up. */
import type { AttributionTerm } from 'glassformer';
import type { Values } from '../view/flow/vectors.ts';
import {
  blockTensors,
  type Check,
  checkAttribution,
  checkBlock,
  checkEqual,
  checkHeads,
  checkNorm,
  checkProbabilities,
  checkSum,
  type Finding,
  identityIds,
  newTallies,
} from '../view/identities.ts';
import { nextTask } from './next_task.ts';

/** What the check asks of a model; a test can put a model that errs in its place. */
export interface CheckedModel {
  readonly config: {
    readonly n_layer: number;
    readonly n_head: number;
    readonly n_embd: number;
    readonly layer_norm_epsilon: number;
  };
  runWithCache(
    ids: readonly number[],
    options: {
      names: string[];
      logits: 'all' | 'last' | 'none';
      stopAtLayer?: number;
      signal?: AbortSignal;
    },
  ): Promise<{
    readonly reused: number;
    readonly logits: { readonly data: Float32Array } | null;
    readonly cache: Iterable<readonly [string, Values]>;
  }>;
  weight(name: string): Promise<Values>;
  logitAttribution(
    ids: readonly number[],
    options: { signal?: AbortSignal },
  ): Promise<{
    value: number;
    terms: readonly Pick<AttributionTerm, 'value'>[];
    position: number;
    token: number;
  }>;
  sample(logits: Float32Array, options: object): { readonly probabilities: Float32Array };
}

/** The run on screen. */
export interface CheckedRun {
  readonly ids: readonly number[];
  readonly logits: Float32Array;
  readonly activations: ReadonlyMap<string, Values>;
  readonly reused: number;
  /** Whether it returned all rows of logits, rather than the last. */
  readonly source?: object;
}

export interface CheckOptions {
  signal: AbortSignal;
  /** Hears how far it is, from 0 to 1. */
  onProgress?: (done: number) => void;
}

/** Copied out of the model at a time, in bytes. */
const groupBudget = 48 * 2 ** 20;
/** What each head adds, of one block: where it is larger, that identity is left out. */
const resultBudget = 24 * 2 ** 20;
/** The page has to answer within a frame. */
const sliceMilliseconds = 8;

/** The blocks, the heads, the attribution, and twice for the cache. */
const runsOfACheck = 5;

/** Multiplications that a check costs, about: the model runs several times. */
export const workOf = (parameters: number, tokens: number) => runsOfACheck * parameters * tokens;

/** Runs a check in slices, between which the page can do something else. */
async function carryOut(check: Check, signal: AbortSignal): Promise<void> {
  let since = performance.now();
  while (!check.next().done) {
    if (performance.now() - since < sliceMilliseconds) continue;
    await nextTask();
    signal.throwIfAborted();
    since = performance.now();
  }
}

/** Blocks whose activations are asked for together: few enough to be small, as many as spare runs. */
export function blockGroups(blocks: number, bytesOfBlock: number): number[][] {
  const together = Math.max(1, Math.floor(groupBudget / bytesOfBlock));
  const groups: number[][] = [];
  for (let first = 0; first < blocks; first += together) {
    const count = Math.min(together, blocks - first);
    groups.push(Array.from({ length: count }, (_, i) => first + i));
  }
  return groups;
}

export async function checkRun(
  model: CheckedModel,
  run: CheckedRun,
  { signal, onProgress }: CheckOptions,
): Promise<Finding[]> {
  const { n_layer: blocks, n_head: heads, n_embd: width, layer_norm_epsilon } = model.config;
  const { ids } = run;
  const tokens = ids.length;
  const tallies = newTallies();
  const matrices = 2 * heads * tokens * tokens;
  const groups = blockGroups(blocks, 4 * (9 * tokens * width + matrices));
  const bytesOfHeads = 4 * tokens * heads * width;
  const groupsOfHeads = bytesOfHeads <= resultBudget ? blockGroups(blocks, bytesOfHeads) : [];
  const steps = groups.length + groupsOfHeads.length + 2;
  let done = 0;
  const stepDone = () => onProgress?.((done += 1) / steps);

  // A run begins where the one before ends only if that one returned as much.
  const rows = run.source && 'logits' in run.source ? 'all' : 'last';
  const ask = async (of: readonly number[], names: string[], stopAtLayer?: number) => {
    const stop = stopAtLayer !== undefined && stopAtLayer < blocks ? { stopAtLayer } : {};
    const logits = names.length > 0 && !('stopAtLayer' in stop) ? rows : 'none';
    const { cache, ...result } = await model.runWithCache(of, { names, logits, signal, ...stop });
    signal.throwIfAborted();
    const activations = new Map(cache);
    return { ...result, activations, trace: (name: string) => activations.get(name)! };
  };

  for (const group of groups) {
    const [first, last] = [group[0]!, group.at(-1)!];
    const names = group.flatMap(blockTensors);
    if (first === 0) names.push('hook_embed', 'hook_pos_embed');
    if (last + 1 < blocks) names.push(`blocks.${last + 1}.hook_resid_pre`);
    else names.push('ln_final.hook_normalized');
    const { trace } = await ask(ids, names, last + 2);
    if (first === 0) {
      const name = 'blocks.0.hook_resid_pre';
      const sum = [trace(name), trace('hook_embed'), trace('hook_pos_embed')] as const;
      await carryOut(checkSum(tallies.embedding, name, ...sum), signal);
    }
    for (const block of group) {
      const shape = { epsilon: layer_norm_epsilon, blocks };
      await carryOut(checkBlock(tallies, trace, block, shape), signal);
    }
    if (last + 1 === blocks) {
      const name = 'ln_final.hook_normalized';
      const stream = trace(`blocks.${last}.hook_resid_post`);
      const [mean, variance] = [tallies.normMean, tallies.normVariance];
      await carryOut(
        checkNorm(mean, variance, name, trace(name), stream, layer_norm_epsilon),
        signal,
      );
    }
    stepDone();
  }

  for (const group of groupsOfHeads) {
    // Apart from the other checks: where heads are projected one by one, their sum is rounded otherwise.
    const result = (block: number) => `blocks.${block}.attn.hook_result`;
    const output = (block: number) => `blocks.${block}.hook_attn_out`;
    const { trace } = await ask(
      ids,
      [...group.map(result), ...group.map(output)],
      group.at(-1)! + 1,
    );
    for (const block of group) {
      const bias = await model.weight(`h.${block}.attn.c_proj.bias`);
      signal.throwIfAborted();
      const values = [trace(output(block)), trace(result(block)), bias] as const;
      await carryOut(checkHeads(tallies.heads, output(block), ...values), signal);
    }
    stepDone();
  }

  checkProbabilities(
    tallies.probabilities,
    model.sample(run.logits, { temperature: 1 }).probabilities,
    tokens - 1,
  );
  const attribution = await model.logitAttribution(ids, { signal });
  signal.throwIfAborted();
  checkAttribution(tallies.attribution, attribution, width);
  stepDone();

  await checkCache();
  stepDone();
  return identityIds.map((id) => tallies[id].finding);

  /**
   * A text that is computed at once, and one that continues the run before. The run on screen is one of
   * the two; the other is made here. It is the last: the model can go on from it as from the one on screen.
   */
  async function checkCache(): Promise<void> {
    const names = [...run.activations.keys()];
    if (tokens < 2 || names.length === 0) return;
    // A text that begins otherwise: nothing of it is of use to the next one.
    await ask([ids[0] === 0 ? 1 : 0], []);
    if (run.reused === 0) await ask(ids.slice(0, Math.ceil(tokens / 2)), names);
    const other = await ask(ids, names);
    // A trace too large to be kept leaves nothing to compare.
    if (run.reused > 0 === other.reused > 0) return;
    for (const name of names) {
      const [here, there] = [run.activations.get(name)!, other.trace(name)];
      await carryOut(checkEqual(tallies.cache, name, here, there), signal);
    }
    if (!other.logits) return;
    const row = (data: Float32Array) => ({ data, dims: [1, data.length] });
    const last = other.logits.data.slice(-run.logits.length);
    const logits = [row(run.logits), row(last)] as const;
    await carryOut(checkEqual(tallies.cache, 'logits', ...logits, tokens - 1), signal);
  }
}
