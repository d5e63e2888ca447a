/** A browser that playwright-core cannot drive, as far as the tests need it: one page. */
export interface OtherBrowser extends AsyncDisposable {
  /** Resolves once the address is loaded, its scripts included. */
  open(url: string): Promise<void>;
  /** Runs the function in the page. It sees its argument only, and both ends are JSON. */
  evaluate<Argument, Result>(
    work: (argument: Argument) => Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
}
