import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inksOf, paperInks } from '../../../web/src/view/inks.ts';

const css = readFileSync(new URL('../../../web/src/styles/theme.css', import.meta.url), 'utf8');

const contrasting = css.slice(css.indexOf('@media (prefers-contrast: more)'));

/** Of the first rule with this selector. */
function variables(selector: string, within = css): Map<string, string> {
  const rule = within.slice(within.indexOf(`${selector} {`)).split('}')[0]!;
  return new Map(
    [...rule.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [name!, color!]),
  );
}

test.each([
  ['light', ':root'],
  ['dark', ":root[data-theme='dark']"],
] as const)('what a canvas draws in the %s theme has the hues of the page', (theme, selector) => {
  const page = variables(selector);
  for (const [role, color] of Object.entries(inksOf(theme, false))) {
    expect(page.get(role)).toBe(color);
  }
  expect(page.get('paper')).toBe(paperInks[theme]);

  // Where more contrast is asked for, some are others, in the style sheet and on canvases.
  const more = variables(selector, contrasting);
  for (const [role, color] of Object.entries(inksOf(theme, true))) {
    expect(more.get(role) ?? page.get(role)).toBe(color);
  }
  expect(inksOf(theme, true)).not.toEqual(inksOf(theme, false));
});
