/** A role keeps one hue wherever it is drawn or written; what canvases paint is in flow.page.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { Role } from '../../web/src/view/flow/stations.ts';
import { roleInks } from '../../web/src/view/inks.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import { Site, unfold, waitForTokens, whole } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const roles = Object.keys(roleInks.light) as Role[];

/** As browsers write it. */
const rgb = (hex: string) =>
  `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;

/** Waits until all of these are there and of the role's hue, in a property of their style. */
async function expectHue(shown: Locator, role: Role, property: string, pseudo?: string) {
  const theme = await shown.page().evaluate(() => document.documentElement.dataset.theme ?? '');
  const hue = rgb(roleInks[theme === 'dark' ? 'dark' : 'light'][role]);
  const colors = () =>
    shown.evaluateAll(
      (elements, [property, pseudo]) => [
        ...new Set(
          elements.map((each) => getComputedStyle(each, pseudo).getPropertyValue(property!)),
        ),
      ],
      [property, pseudo] as const,
    );
  await expect.poll(colors, { message: `${role}: ${String(shown)}` }).toEqual([hue]);
}

/** What is looked at where: a role, what has its hue, and in which property. */
type Place = readonly [role: Role, selector: string, property: string, pseudo?: string];

async function expectHues(page: Page, places: readonly Place[]) {
  for (const [role, selector, ...where] of places) {
    await expectHue(page.locator(selector), role, ...where);
  }
}

const inspect = async (page: Page, operation: string) => {
  await page.locator('.inspector select').selectOption(operation);
  await whole(page);
};

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test('the flow, the tokens, the matrix, the candidates', async () => {
    const { page } = await site.visitReady('#block=2&head=3', { colorScheme });
    await expectHues(page, [
      ['query', '.flow .column.query', 'color'],
      ['key', '.flow .column.key', 'color'],
      ['value', '.flow .column.value', 'color'],
      ['mlp', '.flow .column.mlp', 'color'],
      ['probability', '.flow .column.probability:not(.current)', 'color'],
      ['mlp', '.flow .section.mlp', 'border-bottom-color'],
      ['probability', '.flow .section.attention', 'border-bottom-color'],
      ['residual', '.flow .next .logit', 'border-bottom-color', '::before'],
      ['probability', 'tr[data-id]:not(.drawn) .bar', 'background-color'],
      ['probability', '.chance:not(.none) span', 'background-color'],
    ]);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    await expectHues(page, [
      ['key', '.flow path.key', 'stroke'],
      ['value', '.flow path.value', 'stroke'],
      ['key', '.flow .kept i.key', 'border-left-color'],
      ['value', '.flow .kept i.value', 'border-left-color'],
    ]);
    await page.locator('.inspector .attention .plot').focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await expectHues(page, [
      ['query', '.attention svg text.query', 'fill'],
      ['query', '.attention svg .row', 'stroke'],
      ['query', '.flow svg text.query', 'fill'],
      ['query', '[data-testid=readout] .query dd', 'color'],
      ['query', '.chip.query .id', 'color'],
      ['key', '.attention svg text.key', 'fill'],
      ['key', '.flow svg text.key', 'fill'],
      ['key', '[data-testid=readout] .key dd', 'color'],
    ]);
  });

  test('the inspector’s own views', async () => {
    const { page } = await site.visitReady('#block=2&head=3&op=scores', { colorScheme });
    await expectHues(page, [
      ['query', '[data-testid=products] .query .title', 'color'],
      ['key', '[data-testid=products] .key .title', 'color'],
    ]);
    await inspect(page, 'queryKeyValue');
    await unfold(page.locator('.inspector'));
    for (const [role, letter] of [
      ['query', 'Q'],
      ['key', 'K'],
      ['value', 'V'],
    ] as const) {
      const button = page.getByRole('button', { name: `W_${letter} of head 3` });
      await expectHue(button, role, 'border-left-color');
      await expectHue(page.locator('.names span', { hasText: `W_${letter}` }), role, 'color');
    }
    await inspect(page, 'outputProjection');
    await unfold(page.locator('.inspector'));
    const output = page.getByRole('button', { name: 'W_O of head 3' });
    await expectHue(output, 'value', 'border-left-color');
    await inspect(page, 'gelu');
    await expectHues(page, [
      ['mlp', '.inspector figure svg > path', 'stroke'],
      ['mlp', '.inspector figure svg .other', 'fill'],
    ]);
    await inspect(page, 'sampling');
    await expectHues(page, [['probability', '.inspector figure svg[role=img] path', 'stroke']]);
  });

  test('formulas, in the inspector and in the article', async () => {
    const { page } = await site.visitReady('', { colorScheme });
    const seen = new Set<Role>();
    const expectFormulas = async (within: string) => {
      for (const role of roles) {
        const parts = page.locator(`${within} math mrow.${role}`);
        if ((await parts.count()) === 0) continue;
        seen.add(role);
        await expectHue(parts, role, 'color');
      }
    };
    for (const operation of operationIds) {
      await inspect(page, operation);
      await expectFormulas('.inspector');
    }
    expect([...seen].sort()).toEqual([...roles].sort());
    await page.locator('.article summary').click();
    await page.locator('#article-reading').waitFor();
    seen.clear();
    await expectFormulas('.article');
    expect(seen.size).toBeGreaterThan(2);
  });

  test('the way of a token on a phone', async () => {
    const viewport = { width: 390, height: 844 };
    const { page } = await site.visitReady('', { colorScheme, viewport });
    for (const role of roles) {
      if (role === 'residual') continue;
      await expectHue(page.locator(`.flow li.${role} .label`), role, 'color');
    }
    await expectHue(page.locator('.flow .way > ol'), 'residual', 'border-left-color');
  });
});
