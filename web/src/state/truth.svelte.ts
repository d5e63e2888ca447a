import type { Finding } from '../view/identities.ts';
import { failureFrom, type Model } from './model_client.ts';
import type { Failure } from '../view/failure.ts';
import { type CheckedRun, checkRun, workOf } from './truth_check.ts';

/** After a run, so that typing on is not held up, in milliseconds. */
const pauseAfterRun = 900;
/** Texts and models beyond these are checked when somebody asks. */
const [mostTokens, mostWork] = [64, 2e9];

/** What has been checked of the run on screen. */
export class Truth {
  findings = $state.raw<readonly Finding[] | null>(null);
  /** From 0 to 1 while a check is under way. */
  progress = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Another run is on screen: nothing is known of it yet. `run` is read when its check begins. */
  follow(model: Model, tokens: number, run: () => CheckedRun | null): void {
    this.stop();
    this.findings = null;
    this.failure = null;
    if (tokens > mostTokens || workOf(model.info.parameters, tokens) > mostWork) return;
    this.#timer = setTimeout(() => {
      const current = run();
      if (current) void this.check(model, current);
    }, pauseAfterRun);
  }

  /** Never rejects. */
  async check(model: Model, run: CheckedRun): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.failure = null;
    this.progress = 0;
    try {
      const findings = await checkRun(model, run, {
        signal,
        onProgress: (done) => (this.progress = done),
      });
      if (!signal.aborted) this.findings = findings;
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
    }
    if (!signal.aborted) this.progress = null;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.progress = null;
  }
}
