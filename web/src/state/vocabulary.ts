import { entryOf, type Entry } from '../view/token_search.ts';
import { tokenLabel } from '../view/token_text.ts';
import type { Model } from './model_client.ts';
import { nextTask } from './next_task.ts';

/** Tokens that are read before the page may do something else. */
const tokensTogether = 1024;

const known = new WeakMap<Model, Promise<readonly Entry[]>>();

async function read({ tokenizer }: Model): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  while (entries.length < tokenizer.vocabSize) {
    const length = Math.min(tokensTogether, tokenizer.vocabSize - entries.length);
    const ids = Array.from({ length }, (_, place) => entries.length + place);
    for (const { id, text, bytes } of tokenizer.pieces(ids)) {
      // What is no text by itself is found by its bytes, as the page prints them.
      entries.push(entryOf(id, text.includes('\ufffd') ? tokenLabel(bytes) : text));
    }
    await nextTask();
  }
  return entries;
}

/** All tokens of a model, ready to be searched. Read once, when somebody first searches. */
export function vocabularyOf(model: Model): Promise<readonly Entry[]> {
  let entries = known.get(model);
  if (!entries) known.set(model, (entries = read(model)));
  return entries;
}
