/** Tables as text that spreadsheets and data frames read (RFC 4180). */
import { listCandidates, type Stages } from './next_token.ts';

const cell = (value: string | number): string =>
  typeof value === 'number' || /^[^",\r\n]*$/.test(value)
    ? String(value)
    : `"${value.replaceAll('"', '""')}"`;

const lines = (rows: readonly (readonly (string | number)[])[]) =>
  rows.map((row) => `${row.map(cell).join(',')}\n`).join('');

const utf8 = new TextDecoder();
const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * From logit to probability, a line for each token of the vocabulary, the most probable first. Bytes
 * are exact where a token is a part of a character.
 */
export function candidatesCsv(stages: Stages, bytesOf: (id: number) => Uint8Array): string {
  const { candidates } = listCandidates(stages, stages.order.length);
  return lines([
    ['rank', 'id', 'token', 'bytes', 'logit', 'scaled', 'probability', 'filtered', 'drawn'],
    ...candidates.map((row) => {
      const bytes = bytesOf(row.id);
      const { rank, id, logit, scaled, probability, filtered, drawn } = row;
      const numbers = [logit, scaled, probability, filtered, Number(drawn)];
      return [rank + 1, id, utf8.decode(bytes), hex(bytes), ...numbers];
    }),
  ]);
}
