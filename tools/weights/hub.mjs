// Where a file is on the Hub, and which files a checkpoint consists of.
import { PassingError, WeightsError } from './errors.mjs';
import { request, statedLength } from './http.mjs';
import { waitAfter } from './retry.mjs';

const CONFIG = 'config.json';
const MODEL = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

export function fileUrl(hub, id, revision, name) {
  return `${hub}/${id}/resolve/${revision}/${name}`;
}

/**
 * The files to take, given a way to ask which of them exist: the configuration, the tokenizer
 * (tokenizer.json, which knows of added tokens, or else vocab.json and merges.txt), and the weights
 * last, so that a folder with weights in it is complete.
 * @param {(name: string) => Promise<boolean>} has
 * @param {string} where for the sentences: a URL or a folder
 */
export async function chooseFiles(has, where) {
  if (!(await has(CONFIG))) {
    throw new WeightsError(`${where}: there is no ${CONFIG}; is it a GPT-2 checkpoint?`);
  }
  if (!(await has(MODEL))) {
    if (await has(INDEX)) {
      throw new WeightsError(
        `${where}: the weights are split into several files (${INDEX}), which Glassformer ` +
          'does not read; it needs one model.safetensors',
      );
    }
    throw new WeightsError(`${where}: there is no ${MODEL}; other formats are not read`);
  }
  const tokenizer = (await has('tokenizer.json')) ? ['tokenizer.json'] : ['vocab.json', 'merges.txt'];
  for (const name of tokenizer) {
    if (!(await has(name))) {
      throw new WeightsError(
        `${where}: there is no tokenizer: neither tokenizer.json nor vocab.json and merges.txt`,
      );
    }
  }
  return [CONFIG, ...tokenizer, MODEL];
}

/** The files of a checkpoint that no manifest describes, with what the Hub says of them. */
export async function discoverFiles(hub, id, revision, options) {
  const entries = new Map();
  const has = async (name) => {
    const answer = await head(fileUrl(hub, id, revision, name), options);
    answer.close();
    entries.set(name, { name, bytes: statedLength(answer), sha256: answer.linkedHash });
    return answer.status !== 404;
  };
  const names = await chooseFiles(has, `${hub}/${id} (${revision})`);
  return names.map((name) => entries.get(name));
}

async function head(url, options) {
  for (let failures = 1; ; failures += 1) {
    try {
      return await request(url, { ...options, method: 'HEAD' });
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (failures > options.retries) throw new WeightsError(error.message);
      await waitAfter(error, failures, options);
    }
  }
}
