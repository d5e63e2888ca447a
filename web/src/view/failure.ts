import type { MessageKey } from '../messages/messages.ts';

/** What a run, a download or an analysis failed with: a code of the package's, and its sentence. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

const causes = [
  'bad-config',
  'bad-tokenizer',
  'bad-weights',
  'bad-source',
  'network',
  'io',
  'out-of-memory',
  'unsupported',
] as const;

/** What a failure comes to, in the reader's language; none for what no reader brings about. */
export function causeOf({ code }: Failure): MessageKey | null {
  const known = causes.find((each) => each === code);
  return known ? `error.cause.${known}` : null;
}
