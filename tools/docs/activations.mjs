// bindings/docs/activations.md, from the table of activations.
import { diagram } from './diagram.mjs';

const letters = [
  ['T', 'tokens of the run'],
  ['S', 'source positions: the tokens that are looked at'],
  ['C', 'width of the residual stream, `n_embd`'],
  ['H', 'heads of a block'],
  ['D', 'width of a head, C / H'],
  ['F', 'neurons of the MLP, `n_inner`'],
  ['V', 'tokens of the vocabulary'],
];

const shapeOf = (shape) => `[${[...shape].join(',')}]`;
const nameOf = ({ name, perBlock }) => (perBlock ? `blocks.i.${name}` : name);

/** TransformerLens's short form, where it has one that `fullName` understands. */
function shortOf({ name, perBlock }, fullName) {
  const word = name.split('.').at(-1).replace('hook_', '');
  const full = perBlock ? `blocks.0.${name}` : name;
  const part = name.includes('.') ? name.split('.')[0] : '';
  const candidates = perBlock ? [`${word}0`, `${word}0${part}`] : [word];
  const short = candidates.find((candidate) => fullName(candidate) === full);
  return short && short !== full ? `\`${short.replace('0', '3')}\`` : '';
}

/** `rows`: the table; `fullName`: what a short name stands for, or "". */
export function activationsPage(rows, fullName) {
  const table = rows.map(
    (row) =>
      `| \`${nameOf(row)}\` | ${shortOf(row, fullName)} | ${shapeOf(row.shape)} | ${row.meaning}${row.onRequest ? '; captured only where it is named' : ''} |`,
  );
  return `# Activations

Everything that a run computes and shows, in the order of computation. Names are TransformerLens's without the batch axis;
\`i\` is a block, from 0. Made from the table in \`core/trace.cc\` by \`npm run docs\`.

| axis | |
|---|---|
${letters.map(([letter, meaning]) => `| ${letter} | ${meaning} |`).join('\n')}

${diagram(rows.map(nameOf))}

| name | short, for block 3 | shape | meaning |
|---|---|---|---|
${table.join('\n')}

An edit's \`head\` selects on axis H, \`position\` on T (the query axis of scores and patterns), \`neuron\` on the last axis. Layer
norm's output is its \`hook_normalized\` times its weight plus its bias, which are weights: \`h.i.ln_1.weight\`, \`h.i.ln_1.bias\`.
`;
}
