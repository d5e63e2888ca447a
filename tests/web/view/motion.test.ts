import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { motions } from '../../../web/src/view/motion.ts';

const source = new URL('../../../web/src/', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|css|ts)$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, source), 'utf8') }));

const pointer = 'answers the pointer or the keyboard, which no motion may keep waiting';
const played = 'a computation that is played: many steps, one after another (core/README.md)';

/** What does not take 200 to 600 ms, and why. */
const others: Readonly<Record<string, string>> = {
  'styles/controls.css 120': pointer,
  'components/PromptBox.svelte 120': pointer,
  'components/AttentionMatrix.svelte 100': pointer,
  'styles/base.css 0.01':
    'none, for those who ask for less motion; what waits for its end still learns of it',
  'motions.reveal 1500': played,
  'motions.term 150': played,
  'motions.sum 4000': played,
};

/** The times in a file's transitions and animations, in milliseconds. */
function timesIn(text: string): number[] {
  const rules = text.matchAll(/\b(?:transition|animation)(?:-duration|-delay)?:([^;]+);/g);
  return Array.from(rules).flatMap(([, value]) =>
    Array.from(value!.matchAll(/(?<![\w.])([\d.]+)(m?s)\b/g), ([, time, unit]) =>
      unit === 's' ? 1000 * Number(time) : Number(time),
    ),
  );
}

const named = [
  ...files.flatMap(({ name, text }) => timesIn(text).map((time) => ({ where: name, time }))),
  ...Object.entries(motions).map(([name, time]) => ({ where: `motions.${name}`, time })),
];

test('a motion takes 200 to 600 ms, or is on the list with its reason', () => {
  expect(named.length).toBeGreaterThan(12);
  const odd = named
    .filter(({ time }) => time < 200 || time > 600)
    .map(({ where, time }) => `${where} ${time}`);
  expect(new Set(odd)).toEqual(new Set(Object.keys(others)));
});

test('what moves by a script has its time from the list', () => {
  const moving = files.filter(
    ({ name, text }) =>
      !name.endsWith('.css') && /\.animate\(|prefers-reduced-motion: reduce/.test(text),
  );
  expect(moving.map(({ name }) => name).sort()).toEqual([
    'components/AttentionMatrix.svelte',
    'components/FlowReveal.svelte',
    'components/SumWalkView.svelte',
  ]);
  for (const { text } of moving) expect(text).toMatch(/import \{ motions \} from/);
});
