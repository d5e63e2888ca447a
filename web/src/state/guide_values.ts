import type { GuideValues } from '../guide/values.ts';
import { patternRow, strongestKey } from '../view/attention.ts';
import { percent, weight } from '../view/numbers.ts';
import { shorten, textOfTokens, tokenLabel } from '../view/token_text.ts';
import type { Explorer } from './explorer.svelte.ts';

/** A longer text would push the words around it off the card. */
const textLength = 48;

/** What the guide's texts are filled with: all of it from what is on screen. */
export function guideValuesOf(explorer: Explorer): GuideValues {
  const { language, config, run, stages, pattern, query, selection } = explorer;
  const model = explorer.models.current;
  const values: GuideValues = {
    block: String(selection.block),
    head: String(selection.head),
    model: (model?.entry ?? explorer.wanted).name[language.current],
  };
  if (model && config) {
    const { n_layer, n_head, n_embd, n_inner, vocab_size, n_positions } = config;
    values.parameters = language.compact(model.model.info.parameters);
    values.blocks = language.count(n_layer);
    values.heads = language.count(n_head);
    values.width = language.count(n_embd);
    values.headWidth = language.count(n_embd / n_head);
    values.mlpWidth = language.count(n_inner);
    values.vocabulary = language.count(vocab_size);
    values.context = language.count(n_positions);
  }
  if (run) {
    values.text = shorten(textOfTokens(run.tokens).text.trim(), textLength);
    values.count = language.count(run.ids.length);
    values.lastToken = tokenLabel(run.tokens.at(-1)!);
  }
  if (model && stages) {
    const first = stages.order[0]!;
    values.nextToken = tokenLabel(model.model.tokenizer.decodeBytes([first]));
    values.nextProbability = percent(stages.probabilities[first]!);
  }
  if (run && pattern && pattern.tokens === run.ids.length && selection.head < pattern.heads) {
    const row = patternRow(pattern, selection.head, query);
    const key = strongestKey(row, query);
    values.strongestKey = tokenLabel(run.tokens[key]!);
    values.strongestWeight = weight(row[key]!);
  }
  return values;
}
