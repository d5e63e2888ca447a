import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { paperInks, roleInks } from '../../../web/src/view/inks.ts';

const css = readFileSync(new URL('../../../web/src/styles/theme.css', import.meta.url), 'utf8');

/** Of the first rule with this selector. */
function variables(selector: string): Map<string, string> {
  const rule = css.slice(css.indexOf(`${selector} {`)).split('}')[0]!;
  return new Map(
    [...rule.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [name!, color!]),
  );
}

test.each([
  ['light', ':root'],
  ['dark', ":root[data-theme='dark']"],
] as const)('what a canvas draws in the %s theme has the hues of the page', (theme, selector) => {
  const page = variables(selector);
  for (const [role, color] of Object.entries(roleInks[theme])) expect(page.get(role)).toBe(color);
  expect(page.get('paper')).toBe(paperInks[theme]);
});
