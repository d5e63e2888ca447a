/** What the page and its service worker tell each other. */

export type ToServiceWorker =
  /** Keep what the page is made of, and those of these addresses that are files of the page. */
  | { type: 'keep'; addresses: readonly string[] }
  /** Serve the page from now on, although the version before still has it open. */
  | { type: 'take-over' };

/** `full`: the browser gives no more room. `not-kept`: anything else, a lost connection mostly. */
export type Kept = 'kept' | 'full' | 'not-kept';

/** Sent to every open page where this version could not be installed. */
export interface NotInstalled {
  type: 'not-installed';
  reason: Exclude<Kept, 'kept'>;
}
