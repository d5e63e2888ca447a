/**
 * The page's state as the part of its address after #, which browsers do not send to servers:
 *   #model=tang&text=...&block=2&head=1
 * What is absent has its default; what is malformed is as if absent. `ids` are the tokens of the text
 * where tokenizing it would give others: #text=...&ids=12.345.6
 */
import { findStep, type StepId } from '../guide/tour_steps.ts';
import { languageOf, type Language } from '../messages/messages.ts';
import { formatSubject, parseSubject, type Subject } from '../view/explanation.ts';
import { operationOf } from '../view/focus.ts';
import { isMapMeasure, type MapMeasure } from '../view/head_map.ts';
import { isOperation, type OperationId } from '../view/operations.ts';
import { defaultSampling, type Sampling, samplingLimits } from '../view/sampling.ts';

export interface Address {
  model?: string | undefined;
  /** q8: its weights are held in 8 bits. */
  dtype?: 'q8' | undefined;
  language?: Language | undefined;
  text?: string | undefined;
  ids?: readonly number[] | undefined;
  block?: number | undefined;
  head?: number | undefined;
  query?: number | undefined;
  /** The key of the cell that was chosen in the row of `query`. */
  key?: number | undefined;
  /** What the map of heads is coloured by. */
  measure?: MapMeasure | undefined;
  sampling: Sampling;
  /** The operation in the inspector. */
  operation?: OperationId | undefined;
  /** The number that is being explained. */
  why?: Subject | undefined;
  /** The step of the tour. */
  tour?: StepId | undefined;
}

function numberFrom(
  parameters: URLSearchParams,
  name: string,
  { min, max, whole }: { min: number; max: number; whole: boolean },
): number | undefined {
  const text = parameters.get(name);
  if (text === null || text.trim() === '') return undefined;
  const value = Number(text);
  const valid = value >= min && value <= max && (!whole || Number.isSafeInteger(value));
  return valid ? value : undefined;
}

const operationFrom = (text: string | null) => (isOperation(text) ? text : undefined);

const measureFrom = (text: string | null) => (isMapMeasure(text) ? text : undefined);

const index = { min: 0, max: 1e6, whole: true };

/** No model here reads more tokens. */
const mostIds = 4096;

function idsFrom(text: string | null): number[] | undefined {
  // Bounds first: whoever writes a link may write anything.
  if (!text || text.length > mostIds * 7 || !/^\d{1,6}(\.\d{1,6})*$/.test(text)) return undefined;
  const ids = text.split('.').map(Number);
  return ids.length <= mostIds ? ids : undefined;
}

export function parseAddress(hash: string): Address {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const { temperature, topK, topP, seed } = samplingLimits;
  return {
    model: parameters.get('model') ?? undefined,
    dtype: parameters.get('dtype') === 'q8' ? 'q8' : undefined,
    language: languageOf(parameters.get('lang')),
    text: parameters.get('text') ?? undefined,
    ids: idsFrom(parameters.get('ids')),
    block: numberFrom(parameters, 'block', index),
    head: numberFrom(parameters, 'head', index),
    query: numberFrom(parameters, 'query', index),
    key: numberFrom(parameters, 'key', index),
    measure: measureFrom(parameters.get('map')),
    operation: operationFrom(parameters.get('op')),
    why: parseSubject(parameters.get('why')),
    tour: findStep(parameters.get('tour')),
    sampling: {
      greedy: parameters.get('greedy') === '1',
      temperature:
        numberFrom(parameters, 'temperature', temperature) ?? defaultSampling.temperature,
      topK: numberFrom(parameters, 'topk', topK) ?? defaultSampling.topK,
      topP: numberFrom(parameters, 'topp', topP) ?? defaultSampling.topP,
      seed: numberFrom(parameters, 'seed', seed) ?? defaultSampling.seed,
    },
  };
}

export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams();
  const set = (name: string, value: string | number | undefined, standard?: string | number) => {
    if (value !== undefined && value !== standard) parameters.set(name, String(value));
  };
  set('model', address.model);
  set('dtype', address.dtype);
  set('lang', address.language);
  set('text', address.text);
  set('ids', address.ids?.join('.'));
  set('block', address.block, 0);
  set('head', address.head, 0);
  set('query', address.query);
  set('key', address.key);
  set('map', address.measure, 'pattern');
  if (address.sampling.greedy) set('greedy', 1);
  set('temperature', address.sampling.temperature, defaultSampling.temperature);
  set('topk', address.sampling.topK, defaultSampling.topK);
  set('topp', address.sampling.topP, defaultSampling.topP);
  set('seed', address.sampling.seed, defaultSampling.seed);
  const standard = address.why ? operationOf(address.why) : 'softmax';
  set('op', address.operation, standard);
  set('why', address.why && formatSubject(address.why));
  set('tour', address.tour);
  const text = parameters.toString();
  return text === '' ? '' : `#${text}`;
}

/** A link to `address` on the page at `place`; what was asked of the server stays out of it. */
export const shareAddress = (address: Address, place: { origin: string; pathname: string }) =>
  place.origin + place.pathname + formatAddress(address);
