import type { Language } from '../messages/messages.ts';
import { attentionSpread, patternBlocks } from '../view/attention.ts';
import { type EmbeddedModel, defaultModel, findModel } from '../view/models.ts';
import type { Cell } from '../view/matrix_layout.ts';
import type { Stages } from '../view/next_token.ts';
import { type Fit, fitOf } from '../view/prompt.ts';
import { defaultSampling, type Sampling } from '../view/sampling.ts';
import { textOfTokens } from '../view/token_text.ts';
import { type Address } from './address.ts';
import { LanguageState } from './language.svelte.ts';
import { type Failure, failureFrom, type Run, runModel } from './model_client.ts';
import { ModelLoader } from './model_loader.svelte.ts';
import { append, emptyPassage, History, type Passage, passageOf } from './passage.ts';
import { recall, remember } from './storage.ts';
import { ThemeState } from './theme.svelte.ts';

export type MapMeasure = 'pattern' | 'spread';

/** What the reader looks at; all of it is in the page's address. */
export interface Selection {
  block: number;
  head: number;
  /** The position whose attention is shown; null follows the last token. */
  query: number | null;
}

/** Wait this long after a key press before the model runs, in milliseconds. */
const typingPause = 120;
/** Generated tokens follow each other no faster than one can watch. */
const generationPause = 160;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Everything that the page shows, and everything that can be done to it. */
export class Explorer {
  readonly language: LanguageState;
  readonly theme = new ThemeState();
  readonly models = new ModelLoader(() => this.#clear());

  /** The model that the picker shows: in use, on its way, or refused. */
  wanted = $state.raw<EmbeddedModel>(defaultModel('en'));
  /** Whether the person chose the model, rather than the language of the page. */
  #modelChosen = $state(false);

  passage = $state.raw<Passage>(emptyPassage);
  /** Tokens of the passage, as the model in use counts them. */
  tokenCount = $state(0);
  /** The passage as text. */
  text = $state('');
  /** Whether the text ends within a character. */
  pending = $state(false);
  run = $state.raw<Run | null>(null);
  /** The passage that the run has read; another than `passage` until the model has caught up. */
  #read = $state.raw<Passage>(emptyPassage);
  /** By block and head; appears shortly after the run. */
  spread = $state.raw<readonly (readonly number[])[] | null>(null);
  runFailure = $state.raw<Failure | null>(null);
  generating = $state(false);
  canUndo = $state(false);

  selection = $state.raw<Selection>({ block: 0, head: 0, query: null });
  /** The key under the pointer, or where the keyboard is. */
  pointed = $state.raw<Cell | null>(null);
  sampling = $state.raw<Sampling>(defaultSampling);
  mapMeasure = $state<MapMeasure>('pattern');

  readonly stages: Stages | null = $derived.by(() => {
    const model = this.models.current?.model;
    if (!model || !this.run || this.run.logits.length !== model.config.vocab_size) return null;
    const { greedy, temperature, topK, topP, seed } = this.sampling;
    return model.sample(this.run.logits, {
      temperature: greedy ? 0 : temperature,
      topK,
      topP,
      seed,
      step: this.step,
    });
  });

  /** How many tokens were drawn before the next one. */
  readonly step = $derived(this.#read.generated.length);
  readonly config = $derived(this.models.current?.model.config ?? null);
  readonly fit: Fit = $derived(fitOf(this.tokenCount, this.config?.n_positions ?? Infinity));
  /** The position whose attention is on screen. */
  readonly query = $derived(
    this.pointed?.query ??
      Math.min(this.selection.query ?? Infinity, (this.run?.ids.length ?? 1) - 1),
  );
  readonly pattern = $derived(this.run?.patterns.get(this.selection.block) ?? null);
  readonly canGenerate = $derived(this.stages !== null && this.fit === 'fits');

  #history = new History();
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: Address) {
    this.language = new LanguageState(address.language);
    this.sampling = address.sampling;
    this.selection = {
      block: address.block ?? 0,
      head: address.head ?? 0,
      query: address.query ?? null,
    };
    const chosen = findModel(address.model) ?? findModel(recall('model'));
    this.#modelChosen = chosen !== undefined;
    this.wanted = chosen ?? defaultModel(this.language.current);
    this.#show(passageOf(address.text ?? this.wanted.examples[0] ?? ''));
  }

  get address(): Address {
    // Until the wanted model has come, the text is still that of the one in use.
    const { examples } = this.models.current?.entry ?? this.wanted;
    const isExample = this.text === examples[0];
    return {
      model: this.#modelChosen ? this.wanted.id : undefined,
      language: this.language.chosen ? this.language.current : undefined,
      text: isExample ? undefined : this.text,
      block: this.selection.block,
      head: this.selection.head,
      query: this.selection.query ?? undefined,
      sampling: this.sampling,
    };
  }

  /** Goes where an address leads: a link on the page, or the browser's back button. */
  async follow(address: Address): Promise<void> {
    if (JSON.stringify(address) === JSON.stringify(this.address)) return;
    this.sampling = address.sampling;
    this.selection = {
      block: address.block ?? 0,
      head: address.head ?? 0,
      query: address.query ?? null,
    };
    if (address.language) this.language.choose(address.language);
    const entry = findModel(address.model) ?? this.wanted;
    const text = address.text ?? entry.examples[0]!;
    if (entry.id !== this.wanted.id) await this.chooseModel(entry);
    this.#clampSelection();
    if (text !== this.text) await this.takeExample(text);
  }

  // ---- model and language

  start(): Promise<void> {
    return this.#load(this.wanted);
  }

  chooseModel(entry: EmbeddedModel): Promise<void> {
    this.#modelChosen = true;
    return this.#load(entry);
  }

  /** The page's language brings its model along, unless the person chose one or wrote something. */
  chooseLanguage(language: Language): void {
    this.language.choose(language);
    const entry = defaultModel(language);
    const untouched = this.wanted.examples.includes(this.text);
    if (!this.#modelChosen && untouched && entry.id !== this.wanted.id) void this.#load(entry);
  }

  async #load(entry: EmbeddedModel): Promise<void> {
    this.stop();
    const before = this.models.current?.entry ?? this.wanted;
    const inUse = this.models.current;
    this.wanted = entry;
    if (!(await this.models.load(entry))) {
      // The picker shows the model in use, where there is one.
      if (this.wanted === entry) this.wanted = this.models.current?.entry ?? entry;
      return;
    }
    if (this.#modelChosen) remember('model', entry.id);
    if (this.models.current === inUse) return;
    const isExample = before.examples.includes(this.text);
    if (isExample && !entry.examples.includes(this.text)) {
      this.#show(passageOf(entry.examples[0]!));
    } else {
      this.#show(this.passage);
    }
    this.#clampSelection();
    await this.refresh();
  }

  /** Nothing of a run outlives its model. */
  #clear(): void {
    this.#abort?.abort();
    this.run = null;
    this.spread = null;
    this.pointed = null;
    // Ids mean nothing to another model; the text does.
    this.passage = passageOf(this.text);
    this.#forget();
  }

  cancelLoading(): void {
    this.models.cancel();
    this.wanted = this.models.current?.entry ?? this.wanted;
  }

  // ---- the text

  /** The person typed. */
  write(text: string): void {
    this.stop();
    this.#forget();
    this.#show(passageOf(text));
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), typingPause);
  }

  takeExample(text: string): Promise<void> {
    this.stop();
    return this.#replace(passageOf(text));
  }

  /** Cuts the text to what the model can read. */
  async shorten(): Promise<void> {
    const model = this.models.current?.model;
    if (!model) return;
    const ids = this.#idsOf(this.passage).slice(0, model.config.n_positions);
    const { text } = textOfTokens(model.tokenizer.pieces(ids).map((piece) => piece.bytes));
    await this.#replace(passageOf(text));
  }

  async generateOne(): Promise<void> {
    // A key press may still wait for its run.
    if (this.#read !== this.passage) await this.refresh();
    if (!this.stages || !this.canGenerate || this.#read !== this.passage) return;
    await this.#replace(append(this.passage, this.stages.token));
  }

  /** Generates until stopped, until the context is full, or until the text ends. */
  async generateMany(): Promise<void> {
    if (this.generating) return;
    this.generating = true;
    const end = this.config?.eos_token_id;
    while (this.generating && this.canGenerate) {
      const [token] = await Promise.all([
        this.generateOne().then(() => this.passage.generated.at(-1)),
        pause(generationPause),
      ]);
      if (token === end || this.runFailure) break;
    }
    this.generating = false;
  }

  stop(): void {
    this.generating = false;
  }

  async undo(): Promise<void> {
    this.stop();
    const passage = this.#history.pop();
    this.canUndo = this.#history.length > 0;
    if (!passage) return;
    this.#show(passage);
    await this.refresh();
  }

  async #replace(passage: Passage): Promise<void> {
    this.#history.push(this.passage);
    this.canUndo = true;
    this.#show(passage);
    await this.refresh();
  }

  #forget(): void {
    this.#history.clear();
    this.canUndo = false;
  }

  #show(passage: Passage): void {
    this.passage = passage;
    this.pointed = null;
    const generated = this.models.current?.model.tokenizer
      .pieces(passage.generated)
      .map((piece) => piece.bytes);
    const { text, pending } = textOfTokens(generated ?? []);
    this.text = passage.written + text;
    this.pending = pending;
  }

  #idsOf(passage: Passage): number[] {
    const written = this.models.current?.model.tokenizer.encode(passage.written) ?? [];
    return [...written, ...passage.generated];
  }

  // ---- the run

  /** Runs the model on the passage; an earlier run that has not finished is stopped. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const model = this.models.current?.model;
    if (!model) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.runFailure = null;
    const passage = this.passage;
    try {
      const ids = this.#idsOf(passage);
      this.tokenCount = ids.length;
      if (this.fit === 'too-long') return;
      if (this.fit === 'empty') {
        this.run = null;
        this.spread = null;
        return;
      }
      const { n_layer: blocks, n_head: heads } = model.config;
      const wanted = patternBlocks(blocks, heads, ids.length, this.selection.block);
      const run = await runModel(model, ids, wanted, abort.signal);
      if (abort.signal.aborted) return;
      this.run = run;
      this.#read = passage;
      await this.#measureSpread(run, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.runFailure = failureFrom(error);
    }
  }

  /** One block at a time, so that a long text does not hold up the page. */
  async #measureSpread(run: Run, signal: AbortSignal): Promise<void> {
    const blocks = this.config?.n_layer ?? 0;
    const spread: number[][] = [];
    for (let block = 0; block < blocks; block += 1) {
      const pattern = run.patterns.get(block);
      const heads = Array.from({ length: this.config?.n_head ?? 0 }, (_, head) => head);
      spread.push(heads.map((head) => (pattern ? attentionSpread(pattern, head) : NaN)));
      if (run.ids.length > 64) await pause(0);
      if (signal.aborted) return;
    }
    this.spread = spread;
  }

  // ---- the selection

  select(block: number, head: number): void {
    this.selection = { ...this.selection, block, head };
    if (this.run && !this.run.patterns.has(block)) void this.refresh();
  }

  selectQuery(query: number | null): void {
    const last = (this.run?.ids.length ?? 1) - 1;
    this.selection = { ...this.selection, query: query === last ? null : query };
    this.pointed = null;
  }

  /** Stays with the query of a cell, and for now with its key. */
  pin(cell: Cell): void {
    this.selectQuery(cell.query);
    this.pointed = cell;
  }

  /** To the neighbouring block or head, round the corner at the ends. */
  move(blocks: number, heads: number): void {
    if (!this.config) return;
    const { n_layer, n_head } = this.config;
    const { block, head } = this.selection;
    this.select((block + blocks + n_layer) % n_layer, (head + heads + n_head) % n_head);
  }

  #clampSelection(): void {
    if (!this.config) return;
    this.selection = {
      block: Math.min(this.selection.block, this.config.n_layer - 1),
      head: Math.min(this.selection.head, this.config.n_head - 1),
      query: this.selection.query,
    };
  }
}
