import type { Language } from '../messages/messages.ts';
import {
  dotProductsName,
  patternBytes,
  patternName,
  patternRow,
  scoresName,
  strongestKey,
} from '../view/attention.ts';
import type { Subject } from '../view/explanation.ts';
import { distinct, flowTensors, normScales } from '../view/flow/stations.ts';
import { firstSubject, type Focus, moved, operationOf, whereaboutsOf } from '../view/focus.ts';
import type { Cell } from '../view/matrix_layout.ts';
import {
  defaultModel,
  type Dtype,
  isRemote,
  isSameModel,
  isShareable,
  type ModelEntry,
  modelOf,
  type RemoteModel,
} from '../view/models.ts';
import { partsOf } from '../view/operation_parts.ts';
import { type OperationId, operationIds } from '../view/operations.ts';
import { wayOf } from '../view/ways.ts';
import type { Stages } from '../view/next_token.ts';
import { defaultSampling, type Sampling } from '../view/sampling.ts';
import type { StageState } from '../guide/tour.ts';
import type { Address } from './address.ts';
import { CharacterKeys } from './character_keys.svelte.ts';
import { Draft } from './draft.svelte.ts';
import { Expectations } from './expectations.svelte.ts';
import { HeadMeasures } from './head_measures.svelte.ts';
import { Inspector } from './inspector.svelte.ts';
import { LanguageState } from './language.svelte.ts';
import { Library } from './library.svelte.ts';
import { failureFrom, type Model, type Run } from './model_client.ts';
import type { Failure } from '../view/failure.ts';
import { ModelLoader } from './model_loader.svelte.ts';
import { nextFrame } from './next_task.ts';
import { Offline } from './offline.svelte.ts';
import { append, editIds, type Passage, passageOf, sameIds, type TokenEdit } from './passage.ts';
import { Reader } from './reader.svelte.ts';
import { recall, remember } from './storage.ts';
import { ThemeState } from './theme.svelte.ts';
import { arrivalOf } from './places.ts';
import { Tour } from './tour.svelte.ts';

/** An address that leads to a model of another host, which nobody has agreed to download yet. */
interface Link {
  entry: RemoteModel;
  address: Address;
  /** The text on screen when it came. */
  text: string;
  /** Whether the person is being asked, rather than the browser what it keeps. */
  asks: boolean;
}

/** What the reader looks at; all of it is in the page's address. */
export interface Selection {
  block: number;
  head: number;
  /** The position whose attention is shown; null follows the last token. */
  query: number | null;
  /** The key of the cell that was chosen, as long as the text and the query are the same. */
  key: number | null;
}

/** Wait this long after a key press before the model runs, in milliseconds. */
const typingPause = 120;
/** Scores that are copied out beside the weights, in bytes. */
const scoresBudget = 16 * 2 ** 20;
/** Generated tokens follow each other no faster than one can watch. */
const generationPause = 160;

/** What was done to the text last, for those who hear the page. */
export type Deed = { kind: 'added'; id: number } | TokenEdit;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Everything that the page shows, and everything that can be done to it. */
export class Explorer {
  readonly language: LanguageState;
  readonly theme = new ThemeState();
  readonly characterKeys = new CharacterKeys();
  readonly offline = new Offline();
  readonly models: ModelLoader = new ModelLoader(() => {
    this.reader.clear();
    this.expectations.clear();
    this.measures.clear();
    this.inspector.clear();
    this.deed = null;
    this.pointed = null;
    this.draft.keepText();
  });
  readonly modelLibrary = new Library();
  /** Until then nothing is where it stays. */
  #started: Promise<void> | null = null;
  /** How often a text was read: what follows an earlier one does not come. */
  #reads = 0;
  /** How often something was asked to be shown: what was asked before does not come after. */
  #shown = 0;
  readonly draft = new Draft(() => this.models.current?.model.tokenizer);
  readonly reader = new Reader();
  readonly expectations = new Expectations();
  readonly measures: HeadMeasures;
  /** Explains operations and numbers of the run on screen. */
  readonly inspector: Inspector;
  /** The tokens of the address, until there is a model that knows them. */
  #wantedIds: Pick<Address, 'ids' | 'text'>;
  deed = $state.raw<Deed | null>(null);
  readonly tour: Tour;

  /** The model that the picker shows: in use, on its way, or refused. */
  wanted = $state.raw<ModelEntry>(defaultModel('en'));
  /** Nothing is asked of another host before the person has answered. */
  link = $state.raw<Link | null>(null);
  /** Whether the person chose the model, rather than the language of the page. */
  #modelChosen = $state(false);

  /** Whether the focus came from an address, whose place is the number's own. */
  #focusIsFrom: 'address' | 'person' = 'address';

  generating = $state(false);
  /** Counts the steps whose computation is shown as it goes through the flow. */
  reveals = $state(0);

  selection = $state.raw<Selection>({ block: 0, head: 0, query: null, key: null });
  /** The key under the pointer, or where the keyboard is. */
  pointed = $state.raw<Cell | null>(null);
  sampling = $state.raw<Sampling>(defaultSampling);

  /** From the last logits to the next token; drawn anew when the sampling changes. */
  readonly #sampled: { stages: Stages | null; failure: Failure | null } = $derived.by(() => {
    try {
      return { stages: this.#sample(this.sampling), failure: null };
    } catch (error) {
      return { stages: null, failure: failureFrom(error) };
    }
  });

  #sample({ greedy, temperature, ...others }: Sampling): Stages | null {
    const { run } = this.reader;
    const model = this.models.current?.model;
    if (!model || !run) return null;
    const options = { ...others, temperature: greedy ? 0 : temperature, step: this.draws };
    return model.sample(run.logits, options);
  }

  readonly run = $derived(this.reader.run);
  readonly stages = $derived(this.#sampled.stages);
  /** What top-k alone leaves, renormalised; worked out where somebody looks at it. */
  readonly keptByTopK = $derived(
    this.stages && this.sampling.topP < 1
      ? this.#sample({ ...this.sampling, topP: 1 })!.filtered
      : (this.stages?.filtered ?? null),
  );
  readonly failure = $derived(this.reader.failure ?? this.#sampled.failure);
  /**
   * The number of the next draw is the position it fills: the same text draws the same token, however
   * it came about, and so does its link.
   */
  readonly draws = $derived(this.reader.run?.ids.length ?? 0);
  /** Whether the model ends the text here: what it draws next is the end, which is no text. */
  readonly ends = $derived(
    this.stages !== null && this.stages.token === this.models.current?.model.config.eos_token_id,
  );
  readonly config = $derived(this.models.current?.model.config ?? null);
  /** The position that was chosen. */
  readonly chosenQuery = $derived(
    Math.min(this.selection.query ?? Infinity, (this.run?.ids.length ?? 1) - 1),
  );
  /** The position that is looked from: where the pointer is, or else the chosen one. */
  readonly query = $derived(this.pointed?.query ?? this.chosenQuery);
  readonly pattern = $derived(this.run?.patterns.get(this.selection.block) ?? null);
  /** The cell of the head's matrix: under the pointer, or chosen, or explained, or else the strongest. */
  readonly cell: Cell = $derived.by(() => {
    const { subject, operation } = this.inspector.focus;
    const { block, head, key } = this.selection;
    const tokens = this.run?.ids.length ?? 0;
    const chosen = key === null ? null : { query: this.chosenQuery, key };
    const ofSubject =
      subject &&
      [patternName(block), scoresName(block)].includes(subject.name) &&
      subject.index[0] === head
        ? { query: subject.index[1]!, key: subject.index[2]! }
        : null;
    // Above the diagonal there is something to be looked at in the mask alone.
    const isThere = (cell: Cell | null) =>
      cell !== null &&
      cell.query < tokens &&
      cell.key < (operation === 'mask' ? tokens : cell.query + 1);
    const found = [this.pointed, chosen, ofSubject].find(isThere);
    return found ?? { query: this.query, key: this.#strongestKey };
  });
  readonly canGenerate = $derived(this.stages !== null && this.reader.fit === 'fits' && !this.ends);

  #scoresWanted = false;
  #generation: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: Address) {
    this.language = new LanguageState(address.language, () => wayOf('gelu', this.config));
    this.measures = new HeadMeasures(address.measure);
    this.sampling = address.sampling;
    this.#place(address);
    this.tour = new Tour((state) => void this.show(state), address.tour);
    this.#wantedIds = address;
    const dtype: Dtype = recall('dtype') === 'q8' ? 'q8' : 'auto';
    const chosen = modelOf(address.model, address.dtype) ?? modelOf(recall('model'), dtype);
    const isHere = chosen !== undefined && !isRemote(chosen);
    const isElsewhere = chosen !== undefined && !isHere;
    this.inspector = new Inspector(
      () => {
        const model = this.models.current?.model;
        return model && this.run ? { model, ids: this.run.ids } : null;
      },
      this.#focusOf(isElsewhere ? {} : address),
    );
    this.#modelChosen = isHere;
    this.wanted = isHere ? chosen : defaultModel(this.language.current);
    this.draft.show(passageOf(address.text ?? this.wanted.examples[0] ?? ''));
    if (chosen && !isHere) this.#meet(chosen, address);
  }

  get address(): Address {
    // Until it has been answered, a link stays as it was.
    if (this.link) return this.link.address;
    // Until the wanted model has come, the text is still that of the one in use.
    const { examples } = this.models.current?.entry ?? this.wanted;
    const { text, exactIds } = this.draft;
    return {
      // Ids mean something to one model alone.
      model: (this.#modelChosen || exactIds) && this.isShareable ? this.wanted.id : undefined,
      dtype: this.wanted.dtype === 'q8' && this.isShareable ? 'q8' : undefined,
      language: this.language.chosen ? this.language.current : undefined,
      text: text === examples[0] && !exactIds ? undefined : text,
      ids: exactIds ?? undefined,
      block: this.selection.block,
      head: this.selection.head,
      query: this.selection.query ?? undefined,
      key: this.selection.key ?? undefined,
      measure: this.measures.chosen,
      sampling: this.sampling,
      operation: this.inspector.focus.operation,
      why: this.inspector.focus.subject ?? undefined,
      tour: this.tour.step ?? undefined,
    };
  }

  /** Selects what an address does. */
  #place({ block, head, query, key }: Address): void {
    this.pointed = null;
    this.selection = {
      block: block ?? 0,
      head: head ?? 0,
      query: query ?? null,
      key: key ?? null,
    };
    this.#clampSelection();
  }

  #focusOf({ operation, why }: Pick<Address, 'operation' | 'why'>): Focus {
    if (why) return { operation: operation ?? operationOf(why), subject: why };
    return { operation: operation ?? 'softmax', subject: null };
  }

  /** Whether an address can name the model: one of the person's own files it cannot. */
  get isShareable(): boolean {
    return isShareable(this.wanted);
  }

  /** Goes where an address leads: a link on the page, or the browser's back button. */
  async follow(address: Address): Promise<void> {
    this.link = null;
    const entry = modelOf(address.model, address.dtype) ?? this.wanted;
    if (!isRemote(entry) || isSameModel(entry, this.wanted)) return this.#goTo(entry, address);
    this.#meet(entry, address);
    await this.#askAbout(this.link!);
  }

  async #goTo(entry: ModelEntry, address: Address): Promise<void> {
    this.sampling = address.sampling;
    const measure = address.measure ?? 'pattern';
    // One that is chosen already does not end what is lent.
    if (measure !== this.measures.chosen) this.measures.pick(measure);
    if (address.language) void this.language.choose(address.language);
    if (!isSameModel(entry, this.wanted)) {
      await this.chooseModel(entry);
      if (!this.models.current || !isSameModel(this.models.current.entry, entry)) return;
    }
    this.#place(address);
    const text = address.text ?? entry.examples[0]!;
    const exact = address.ids && this.draft.passageOfIds(address.ids, address.text);
    const ids = exact && exact.ids.length > 0 ? exact.ids : [];
    if (text !== this.draft.text || !sameIds(ids, this.draft.exactIds ?? [])) {
      this.stop();
      this.draft.replace(exact ?? passageOf(text));
      await this.refresh();
      this.deed = null;
    }
    await this.inspector.open(this.#focusOf(address));
    await this.#followSubject();
    // As after the page's first run: an operation without a number shows its largest.
    if (!this.inspector.focus.subject) await this.#refocus();
    this.tour.follow(address.tour);
  }

  #meet(entry: RemoteModel, address: Address): void {
    this.link = { entry, address, text: this.draft.text, asks: false };
  }

  /** Follows a link at once where the browser keeps its model. */
  async #askAbout(link: Link): Promise<void> {
    const isWhole = await this.modelLibrary.isWhole(link.entry);
    if (this.link !== link) return;
    if (isWhole) await this.acceptLink();
    // A model that was chosen here before, and has gone since, is not worth a question.
    else this.link = link.address.model === undefined ? null : { ...link, asks: true };
  }

  /** The person agrees to the download; what they have written meanwhile stays. */
  async acceptLink(): Promise<void> {
    const { link } = this;
    if (!link) return;
    const { entry, address } = link;
    this.link = null;
    const isOwn = this.draft.text !== link.text;
    await this.#goTo(entry, isOwn ? { ...address, text: this.draft.text } : address);
    // Trying again leads to all of it.
    if (this.models.failed?.entry === entry || this.models.cancelled === entry) {
      this.link = { ...link, asks: true };
    }
  }

  /** Goes on with the model in use. */
  decline(): void {
    this.link = null;
    this.models.forget();
  }

  // ---- model and language

  /** The model in use, and its first run. */
  start(): Promise<void> {
    return (this.#started = this.#start());
  }

  async #start(): Promise<void> {
    const { link } = this;
    await this.#load(this.wanted);
    if (link && this.link === link) await this.#askAbout(link);
    else await this.modelLibrary.refresh();
  }

  chooseModel(entry: ModelEntry): Promise<void> {
    this.link = null;
    this.#modelChosen = true;
    return this.#load(entry);
  }

  /** The page's language brings its model along, unless the person chose one or wrote something. */
  async chooseLanguage(language: Language): Promise<void> {
    if (!(await this.language.choose(language))) return;
    const entry = defaultModel(language);
    const untouched = this.wanted.examples.includes(this.draft.passage.written);
    if (this.#modelChosen || !untouched || entry.id === this.wanted.id) return;
    await this.#load(entry);
    // What stays in its place is named by the address, so that it is there after a reload.
    this.#modelChosen ||= this.wanted.id !== entry.id;
  }

  async #load(entry: ModelEntry): Promise<void> {
    this.stop();
    const before = this.models.current?.entry ?? this.wanted;
    const inUse = this.models.current;
    this.wanted = entry;
    if (!(await this.models.load(entry))) {
      // The picker shows the model in use, where there is one.
      if (this.wanted === entry) this.wanted = this.models.current?.entry ?? entry;
      return;
    }
    if (this.#modelChosen && isShareable(entry)) {
      remember('model', entry.id);
      remember('dtype', entry.dtype === 'q8' ? 'q8' : null);
    }
    if (this.models.current === inUse) return;
    this.modelLibrary.note(entry);
    const { written } = this.draft.passage;
    if (inUse) this.#unpin();
    if (before.examples.includes(written) && !entry.examples.includes(written)) {
      this.draft.show(passageOf(entry.examples[0]!));
    }
    const { ids, text } = this.#wantedIds;
    this.#wantedIds = {};
    const exact = ids && this.draft.passageOfIds(ids, text);
    if (exact) this.draft.show(exact);
    this.#clampSelection();
    await this.refresh();
  }

  /** Loads a model that failed or was cancelled; that chooses nothing new. */
  retry(entry: ModelEntry): Promise<void> {
    return this.link?.entry === entry ? this.acceptLink() : this.#load(entry);
  }

  cancelLoading(): void {
    this.models.cancel();
    this.wanted = this.models.current?.entry ?? this.wanted;
  }

  // ---- the text

  /** The person typed. */
  write(text: string): void {
    this.stop();
    this.#unpin();
    this.deed = null;
    this.#wantedIds = {};
    this.draft.write(text);
    this.reader.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), typingPause);
  }

  takeExample(text: string): Promise<void> {
    this.stop();
    return this.#replace(passageOf(text));
  }

  /** Cuts the text to what the model can read. */
  async shorten(): Promise<void> {
    if (this.config) await this.#replace(passageOf(this.draft.beginning(this.config.n_positions)));
  }

  /** A call while another one is at work, as from a key held down, adds nothing to it. */
  generateOne(): Promise<void> {
    this.#generation ??= this.#generateOne().finally(() => (this.#generation = null));
    return this.#generation;
  }

  async #generateOne(): Promise<void> {
    // A key press may still wait for its run.
    const isCurrent = () => this.reader.passage === this.draft.passage;
    if (!isCurrent()) await this.refresh();
    if (!this.stages || !this.canGenerate || !isCurrent()) return;
    await this.#add(this.stages.token);
    // In a run of many there would be no time to watch.
    if (!this.generating) this.replay();
  }

  /** Shows once more how the last run went through the flow. */
  replay(): void {
    this.reveals += 1;
  }

  /** Adds a token that the person chose, whatever the model would have drawn. */
  async choose(id: number): Promise<void> {
    this.stop();
    await this.#generation;
    if (this.reader.fit === 'fits') await this.#add(id);
  }

  #add(id: number): Promise<void> {
    return this.#replace(append(this.draft.passage, id), { kind: 'added', id });
  }

  /** Changes a token of the run on screen; all other tokens stay the ones they are. */
  async edit(edit: TokenEdit): Promise<void> {
    this.stop();
    // What was typed meanwhile, or is too long to run, is another text than the one on screen.
    if (!this.run || this.reader.passage !== this.draft.passage) return;
    const passage = this.draft.passageOfIds(editIds(this.run.ids, edit));
    if (passage) await this.#replace(passage, edit);
  }

  /** Generates until stopped, until the context is full, or until the text ends. */
  async generateMany(): Promise<void> {
    if (this.generating) return;
    this.generating = true;
    while (this.generating && this.canGenerate && !this.failure) {
      await Promise.all([this.generateOne(), pause(generationPause)]);
    }
    this.generating = false;
  }

  stop(): void {
    this.generating = false;
  }

  async undo(): Promise<void> {
    this.stop();
    this.#unpin();
    this.deed = null;
    this.draft.undo();
    await this.refresh();
  }

  async #replace(passage: Passage, deed: Deed | null = null): Promise<void> {
    this.#unpin();
    this.draft.replace(passage);
    await this.refresh();
    this.deed = deed;
  }

  /** Runs the model on the text. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    const model = this.models.current?.model;
    if (!model) return;
    const { passage } = this.draft;
    const turn = (this.#reads += 1);
    this.expectations.stop();
    this.measures.stop();
    await this.reader.read(
      model,
      passage,
      () => this.draft.ids(),
      this.selection.block,
      this.#visible,
    );
    // Nobody waits for these: the next run stops them. A text too long to run leaves the one before.
    const isLast = this.draft.passage === passage && this.models.current?.model === model;
    if (this.run && isLast) void this.#measure(model, this.run, turn);
    // Another block may have come into view while it ran.
    await this.#show();
    await this.#refocus();
  }

  /** What nobody waits for begins when the run is painted: with few cores it would keep the page from that. */
  async #measure(model: Model, run: Run, turn: number): Promise<void> {
    // In the second frame follows what a long text's tokens are coloured by.
    for (let frame = 0; frame < 2; frame += 1) await nextFrame();
    // What has been looked at meanwhile came with a run of its own.
    const now = this.run;
    if (turn !== this.#reads || !now || now.ids !== run.ids) return;
    void this.expectations.of(model, now);
    void this.measures.of(model, now);
  }

  /** The activations that are on screen, and the dot products. */
  get #visible(): string[] {
    const { block } = this.selection;
    const { focus } = this.inspector;
    // What an operation takes in may be of another block: the embedding's of the first.
    const where = { ...this.selection, query: this.query };
    const parts = partsOf(focus, where, this.config?.n_layer ?? 1);
    const names = [...flowTensors(block), ...normScales(block), 'blocks.0.hook_resid_pre'];
    // Logits come a row at a time: of a large vocabulary all of them are too many to copy.
    for (const { kind, name } of parts) {
      if (kind === 'activation' && name !== 'logits') names.push(name);
    }
    const isWanted = focus.operation === 'softmax' && this.#scoresWanted;
    if (isWanted || ['scores', 'scale', 'mask'].includes(focus.operation)) {
      names.push(scoresName(block));
    }
    // Scaled scores are drawn on the scale of the dot products.
    if (['scores', 'scale'].includes(focus.operation)) names.push(dotProductsName(block));
    return distinct(names);
  }

  /** The weights on screen are to be shown with the scores that they come from. */
  showScores(): Promise<void> {
    const { config, run } = this;
    // Of a long text they take much room, and a row of them would not be looked through.
    if (!config || !run || patternBytes(1, config.n_head, run.ids.length) > scoresBudget) {
      return Promise.resolve();
    }
    this.#scoresWanted = true;
    return this.#show();
  }

  /** Fetches what has come into view. */
  async #show(): Promise<void> {
    const model = this.models.current?.model;
    if (model && this.run) await this.reader.show(model, () => this.#visible);
  }

  // ---- the inspector

  /** Shows an operation, at the selected place, and explains its largest number there. */
  async inspect(operation: OperationId, vector?: StageState['vector']): Promise<void> {
    this.stop();
    await this.inspector.open({ operation, subject: this.#firstSubject(operation, vector) });
    await this.#show();
  }

  /** To the next or the previous operation, round the corner at the ends. */
  step(by: number): Promise<void> {
    const count = operationIds.length;
    const from = operationIds.indexOf(this.inspector.focus.operation);
    return this.inspect(operationIds[(from + by + count) % count]!);
  }

  /** Says why a number of the run is what it is. */
  async explain(subject: Subject, operation: OperationId = operationOf(subject)): Promise<void> {
    this.stop();
    await this.inspector.open({ operation, subject });
    await this.#followSubject();
  }

  /** To a number that the one on screen is made of; the whole page goes there. */
  async explainFactor(subject: Subject): Promise<void> {
    await this.inspector.into({ operation: operationOf(subject), subject });
    await this.#followSubject();
  }

  async back(): Promise<void> {
    await this.inspector.back();
    await this.#followSubject();
  }

  get #table() {
    return this.models.current?.model.activations ?? [];
  }

  async #followSubject(): Promise<void> {
    const { subject } = this.inspector.focus;
    // A link may name a place that the model does not have; the inspector says so.
    if (subject && !this.inspector.failure) {
      const { block, head, query } = whereaboutsOf(subject, this.#table);
      this.selection = { ...this.selection, block: block ?? this.selection.block };
      if (head !== null) this.selection = { ...this.selection, head };
      if (query !== null && query !== this.query) this.#setQuery(query);
    }
    await this.#show();
  }

  /** Of the selected position, in the head on screen. */
  get #strongestKey(): number {
    const { pattern, query } = this;
    const { head } = this.selection;
    const fits = pattern !== null && head < pattern.heads && query < pattern.tokens;
    return fits ? strongestKey(patternRow(pattern, head, query), query) : 0;
  }

  #firstSubject(operation: OperationId, vector?: StageState['vector']): Subject | null {
    const { run, query } = this;
    if (!run) return null;
    const { block, head, key: chosen } = this.selection;
    const best = this.stages?.order[0] ?? 0;
    const key = chosen !== null && chosen <= query ? chosen : this.#strongestKey;
    return firstSubject(operation, {
      block,
      head,
      query,
      tokens: run.ids.length,
      key,
      best,
      vector,
      rowOf: (name) => {
        const values = run.activations.get(name);
        if (!values || values.dims[0] !== run.ids.length) return null;
        const length = values.data.length / run.ids.length;
        const row = values.data.subarray(query * length, (query + 1) * length);
        const width = values.dims.length === 3 ? values.dims[2]! : length;
        return values.dims.length === 3 ? row.subarray(head * width, (head + 1) * width) : row;
      },
    });
  }

  /** Keeps the focus where it was as the run, or the place that is selected, changes. */
  async #refocus(): Promise<void> {
    if (!this.run) {
      this.inspector.clear();
      return;
    }
    const { operation, subject } = this.inspector.focus;
    const isFromAddress = this.#focusIsFrom === 'address';
    // The first run settles it, also where the address names no number: what follows is the person's.
    this.#focusIsFrom = 'person';
    if (!subject) {
      // Asked for before there was a run. The weights speak for themselves until one is chosen.
      const first = operation === 'softmax' ? null : this.#firstSubject(operation);
      if (first) await this.inspector.open({ operation, subject: first });
      return;
    }
    if (isFromAddress) {
      await this.inspector.open({ operation, subject });
      await this.#followSubject();
      return;
    }
    const { block, head } = this.selection;
    const stays = moved(subject, { block, head, query: this.query }, this.#table);
    const sameShape = operation !== 'mask' && subject.name !== 'logits';
    const first = () => ({ operation, subject: this.#firstSubject(operation) });
    await this.inspector.open(sameShape ? { operation, subject: stays } : first());
    // Another model may be narrower than the number's index.
    if (this.inspector.failure) await this.inspector.open(first());
  }

  // ---- the selection

  select(block: number, head: number): void {
    this.selection = { ...this.selection, block, head };
    void this.#show();
    void this.#refocus();
  }

  #setQuery(query: number | null, key: number | null = null): void {
    const last = (this.run?.ids.length ?? 1) - 1;
    this.selection = { ...this.selection, query: query === last ? null : query, key };
    this.pointed = null;
  }

  /** What was pointed at or chosen was of the text before. */
  #unpin(): void {
    this.pointed = null;
    this.selection = { ...this.selection, key: null };
  }

  selectQuery(query: number | null): void {
    this.#setQuery(query);
    void this.#refocus();
  }

  /** Stays with the query of a cell, and for now with its key. */
  pin(cell: Cell): void {
    this.#setQuery(cell.query, cell.key);
    this.pointed = cell;
    // An explanation that is on screen goes along; none is opened that was not asked for.
    const { operation, subject } = this.inspector.focus;
    const { block, head } = this.selection;
    if (subject && [patternName(block), scoresName(block)].includes(subject.name)) {
      const index = [head, cell.query, cell.key];
      void this.inspector.open({ operation, subject: { name: subject.name, index } });
    }
  }

  /** To the neighbouring block or head, round the corner at the ends. */
  move(blocks: number, heads: number): void {
    if (!this.config) return;
    const { n_layer, n_head } = this.config;
    const { block, head } = this.selection;
    this.select((block + blocks + n_layer) % n_layer, (head + heads + n_head) % n_head);
  }

  /** Shows what a step of the guide asks for; the rest stays as it is. */
  async show(state: StageState): Promise<void> {
    const { operation, vector, block, head, query, model, focus, animate } = state;
    const turn = (this.#shown += 1);
    await this.#started;
    const entry = modelOf(model);
    if (entry && !isSameModel(entry, this.wanted)) await this.chooseModel(entry);
    if (block !== undefined || head !== undefined) {
      this.select(block ?? this.selection.block, head ?? this.selection.head);
      this.#clampSelection();
    }
    if (query !== undefined) this.selectQuery(query === 'last' ? null : query);
    if (operation) await this.inspect(operation, vector);
    if (animate && turn === this.#shown) this.replay();
    if (focus) await arrivalOf(`[data-focus=${focus}]`);
    // Only the guide points. Where this part cannot be had, its words are there still.
    const spotlight = await import('./spotlight.ts').catch(() => null);
    if (turn === this.#shown) spotlight?.pointAt(focus ?? null);
  }

  #clampSelection(): void {
    if (!this.config) return;
    this.selection = {
      ...this.selection,
      block: Math.min(this.selection.block, this.config.n_layer - 1),
      head: Math.min(this.selection.head, this.config.n_head - 1),
    };
  }
}
