// Steps of a walk over the page: what is to be seen is there.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { firstSubject } from '../../../web/src/view/focus.ts';
import { operationIds, type OperationId } from '../../../web/src/view/operations.ts';
import { unfold } from './page.ts';
import type { Truth } from './truth.ts';

/** Until the inspector shows the operation with all its numbers, and explains one of them. */
export async function shows(page: Page, operation: OperationId, vector?: 'k' | 'v'): Promise<void> {
  // In the name's place of a block that is to be read from the page.
  const anyBlock = 999;
  const place = { block: anyBlock, head: 0, query: 1, tokens: 2, key: 0, best: 0 };
  const known = { ...place, vector, rowOf: () => null };
  const name = firstSubject(operation, known)?.name ?? null;
  const isShown = page.waitForFunction(
    ([wanted, inAny, any]) => {
      // The block on screen, at every look: a step of the guide may be about to change it.
      const cell = document.querySelector<HTMLElement>('[role=gridcell][aria-selected=true]')!;
      const tensor = inAny?.replace(`blocks.${any}.`, `blocks.${cell.dataset.block}.`) ?? null;
      const select = document.querySelector<HTMLSelectElement>('.inspector select')!;
      const shown = document.querySelector<HTMLElement>('.number-shown');
      const isBusy = document.querySelector('.inspector [aria-busy=true]') !== null;
      const isExplained = tensor === null || shown?.dataset.tensor === tensor;
      return select.value === wanted && isExplained && !isBusy;
    },
    [operation, name, anyBlock] as const,
  );
  await isShown.catch(async (error: unknown) => {
    const instead = await page.locator('.inspector').innerText();
    const problems = await page.locator('[role=alert]').allInnerTexts();
    const said = `no ${operation} of ${name} in its block at ${page.url()}: ${problems.join()}\n${instead}`;
    throw new Error(said, { cause: error });
  });
}

/** Opens every table and matrix on the page, until all that is in them is there. */
export async function unfolded(page: Page): Promise<void> {
  await unfold(page.locator('main'));
  // Of what is still being worked out, what it is called.
  const waiting = () =>
    page.evaluate(() =>
      Array.from(document.querySelectorAll('main .hint')).flatMap((hint) =>
        /^(Working it out…|正在求解…)$/.test(hint.textContent.trim())
          ? [hint.closest('details')?.querySelector('summary')?.textContent ?? hint.outerHTML]
          : [],
      ),
    );
  await expect.poll(waiting).toEqual([]);
}

/** From the first operation to the last. `open`: with all that can be unfolded. */
export async function walkOperations(
  page: Page,
  truth: Truth,
  { open = false, operations = operationIds as readonly OperationId[] } = {},
): Promise<void> {
  for (const operation of operations) {
    await page.locator('.inspector select').selectOption(operation);
    await shows(page, operation);
    if (open) await unfolded(page);
    await truth.expectOn(page);
  }
}
