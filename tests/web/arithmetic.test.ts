/** The page does no arithmetic of the model: what the formulas of one take is used for few other things. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../web/src/', import.meta.url));

/** Which files take roots, powers and logarithms, and of what: of no result of the model's. */
const allowed: Readonly<Record<string, readonly [used: string, why: string]>> = {
  'components/AttentionMatrix.svelte': ['exp', 'how far a turn of the wheel zooms'],
  'components/WeightMatrix.svelte': ['exp', 'how far a turn of the wheel zooms'],
  'view/attention.ts': ['log2', 'the entropy of a row on screen'],
  'view/color.ts': ['** sqrt', 'colours on a square-root scale, and how light they are'],
  'view/distribution.ts': ['** log10', 'ranks and powers of ten along logarithmic axes'],
  'view/flow/paint_flow.ts': ['** sqrt', 'how opaque a line is'],
  'view/flow/vectors.ts': ['** sqrt', 'deviation and length of the numbers on screen'],
  'view/identities.ts': ['** exp sqrt', 'the truth panel does the sums again on purpose'],
  'view/lab.ts': ['** cbrt', 'colours along CIELAB'],
  'view/numbers.ts': ['** LN10 log10', 'which digits and power of ten are printed'],
  'view/paint.ts': ['sqrt', 'the side of a square of cells'],
  'view/sampling.ts': ['** log', 'places on a logarithmic slider'],
  'view/vector_layout.ts': ['sqrt', 'in how many columns a long vector is folded'],
};

/** Of Math, what counts, compares and rounds, and the angle of a circle. */
const plain = ['PI', 'abs', 'ceil', 'floor', 'max', 'min', 'round'];

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const isNumber = (value: unknown) =>
  isNode(value) && value.type === 'Literal' && typeof value.value === 'number';

/** What a script or a component computes with: powers, functions of Math, or Math where it is handed on. */
function arithmeticOf(file: string, text: string): string {
  const source = file.endsWith('.ts') ? `<script lang="ts">\n${text}\n</script>` : text;
  const found = new Set<string>();
  const look = (value: unknown, around: Node | null): void => {
    if (Array.isArray(value)) value.forEach((each) => look(each, around));
    if (!isNode(value)) return;
    const { type, operator, left, right } = value;
    // 2 ** 20 is a way to write a number.
    if (operator === '**=' || (operator === '**' && !(isNumber(left) && isNumber(right)))) {
      found.add('**');
    }
    if (type === 'Identifier' && value.name === 'Math') {
      const isMember = around?.type === 'MemberExpression' && around.object === value;
      const name = isMember && !around.computed ? (around.property as Node).name : 'Math';
      found.add(String(name));
    }
    for (const part of Object.values(value)) look(part, value);
  };
  const { instance, module, fragment } = parse(source, { modern: true });
  look([instance, module, fragment], null);
  return Array.from(found)
    .filter((name) => !plain.includes(name))
    .sort()
    .join(' ');
}

test('roots, powers and logarithms are of colours, places and digits', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const used = files
    .filter((file) => /\.(svelte|ts)$/.test(file))
    .map((file) => [
      file.replaceAll(path.sep, '/'),
      arithmeticOf(file, readFileSync(path.join(folder, file), 'utf8')),
    ]);
  expect(used.length).toBeGreaterThan(150);
  expect(Object.fromEntries(used.filter(([, names]) => names !== ''))).toEqual(
    Object.fromEntries(Object.entries(allowed).map(([file, [names]]) => [file, names])),
  );
});

test.each([
  ['a.ts', 'export const f = (x: number) => Math.tanh(x);', 'tanh'],
  ['a.ts', 'const { exp } = Math;', 'Math'],
  ['a.ts', "const f = Math['exp'];", 'Math'],
  ['a.ts', 'let x = 2; x **= 2;', '**'],
  ['a.ts', 'const bytes = 4 * 2 ** 20; const y = Math.max(bytes, 1);', ''],
  [
    'a.svelte',
    '<script lang="ts">let x: number = 3;</script>{#if x}<p>{Math.sqrt(x)}</p>{/if}',
    'sqrt',
  ],
  ['a.svelte', '<p style:width="{2 ** (Math.PI / 3)}px" title={Math.exp(1)}></p>', '** exp'],
])('in %s, %s', (file, text, names) => {
  expect(arithmeticOf(file, text)).toBe(names);
});
