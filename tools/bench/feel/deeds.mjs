// What a person does on the page: each resolves to what the probe noted meanwhile, and to the processor
// time that it cost the main thread, which other programs cannot lengthen as they do the rest.
import { setTimeout as wait } from 'node:timers/promises';

/** The map of heads, the spread and the truth panel follow a run; after this long all is quiet. */
const settled = 1500;

/** Seconds of processor time that the page's main thread has taken. */
async function processorTime(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}

/**
 * Begins to note; what it resolves to ends that, and resolves to what was noted;
 * processor time is of each of so many `answers`.
 */
async function note(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.evaluate(() => window.takeFeel());
  const before = await processorTime(session);
  return async (answers) => {
    const noted = await page.evaluate(() => window.takeFeel());
    const processor = 1000 * ((await processorTime(session)) - before);
    await session.detach();
    return { ...noted, processor: processor / answers };
  };
}

const countOf = (page) => page.locator('[data-position]').count();

/** The prompt and the run on it are on screen, and nothing is under way. */
export async function quiet(page) {
  await page.getByTestId('drawn').waitFor();
  await page.waitForFunction(() => !document.querySelector('[data-focus=truth] progress'));
  await wait(settled);
  await page.waitForFunction(() => !document.querySelector('[data-focus=truth] progress'));
}

/** Moves over a box along a curve that meets all of its rows and columns, as fast as frames come. */
async function hover(page, box, moves) {
  await page.mouse.move(box.x + 2, box.y + 2);
  await wait(100);
  const noted = await note(page);
  for (let move = 0; move < moves; move += 1) {
    const across = 0.5 - 0.5 * Math.cos((move / moves) * Math.PI * 3);
    const down = 0.5 - 0.5 * Math.cos((move / moves) * Math.PI * 5);
    // Below the diagonal, where a matrix of attention has its cells.
    const y = 0.04 + 0.92 * Math.max(across, down);
    await page.mouse.move(box.x + box.width * (0.04 + 0.92 * across), box.y + box.height * y);
  }
  await wait(100);
  return noted(moves);
}

/** The part of the canvas that the window shows once it is scrolled there. */
async function hoverOver(page, selector, moves) {
  const canvas = page.locator(selector).first();
  await canvas.scrollIntoViewIfNeeded();
  await quiet(page);
  const { x, y, width, height } = await canvas.boundingBox();
  const [top, bottom] = [Math.max(0, y), Math.min(page.viewportSize().height, y + height)];
  return hover(page, { x, y: top, width, height: bottom - top }, moves);
}

/** Opens an operation in the inspector. */
const inspect = (page, operation) => page.locator('.inspector select').selectOption(operation);

/** So many tokens are added at most by what writes. */
export const room = 24;

/** The names of what makes the text longer, for which the context needs that room. */
export const writing = ['typing', 'token by token', '20 tokens'];

const written = 'and then the little dog ran to the big h';

export const deeds = {
  'hover, flow': (page, { moves }) => hoverOver(page, '[data-testid=flow]', moves),
  'hover, matrix': (page, { moves }) => hoverOver(page, '.plot canvas', moves),
  'hover, scores': async (page, { moves }) => {
    await inspect(page, 'scores');
    return hoverOver(page, '.inspector .plot canvas', moves);
  },
  'hover, weight': async (page, { moves }) => {
    await inspect(page, 'queryKeyValue');
    const weight = '.inspector details:has(> summary:has-text("h.0.attn.c_attn.weight"))';
    await page.locator(weight).locator('summary').first().click();
    return hoverOver(page, `${weight} .plot canvas`, moves);
  },
  typing: async (page, { keys }) => {
    await quiet(page);
    await page.focus('#prompt');
    await page.keyboard.press('Control+End');
    const noted = await note(page);
    for (const key of ` ${written}`.slice(0, keys)) {
      const next = wait(80);
      await page.keyboard.insertText(key);
      await next;
    }
    await wait(settled);
    return noted(keys);
  },
  'blocks and heads': async (page, { steps }) => {
    await quiet(page);
    const noted = await note(page);
    for (let step = 0; step < steps; step += 1) {
      await page
        .locator('.stepper button')
        .nth(step % 2 ? 3 : 1)
        .click();
      await wait(120);
    }
    return noted(steps);
  },
  operations: async (page, { steps }) => {
    await quiet(page);
    const noted = await note(page);
    for (let step = 0; step < 2 * steps; step += 1) {
      await page.locator('.steps .step').last().click();
      await wait(120);
    }
    return noted(2 * steps);
  },
  'token by token': async (page, { steps }) => {
    await quiet(page);
    const noted = await note(page);
    for (let step = 0; step < steps; step += 1) {
      const count = await countOf(page);
      await page.locator('[data-focus=generate] .primary').click();
      await page.waitForFunction(
        (before) => document.querySelectorAll('[data-position]').length > before,
        count,
        { timeout: 20_000 },
      );
      await wait(200); // some of the reveal, which the next one cuts short
    }
    return noted(steps);
  },
  '20 tokens': async (page, { tokens }) => {
    await quiet(page);
    const before = await countOf(page);
    const run = page.locator('[data-focus=generate] .button').nth(1);
    const noted = await note(page);
    await run.click();
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('[data-position]').length >= wanted,
      before + tokens,
      { timeout: 60_000 },
    );
    const seen = await noted(tokens);
    await run.click();
    return seen;
  },
};
