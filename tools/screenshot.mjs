// Pictures of the built page, for the README:
//   node tools/screenshot.mjs [FOLDER]      default web/pictures
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';
import { Failure, runProgram } from './setup/failure.mjs';
import { below } from './setup/paths.mjs';

/** Between them both themes and both languages; each with a head that looks back at one token. */
const pictures = [
  { name: 'page-light', colorScheme: 'light', locale: 'en-GB', hash: '#block=3&head=1' },
  { name: 'page-dark-zh', colorScheme: 'dark', locale: 'zh-CN', hash: '#block=4&head=0' },
];

await runProgram(async () => {
  const folder = parseArgs({ allowPositionals: true }).positionals[0] ?? below('web/pictures');
  mkdirSync(folder, { recursive: true });
  const server = await serve({ port: '0' });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
    ],
  });
  try {
    for (const { name, hash, ...options } of pictures) {
      const page = await browser.newPage({
        ...options,
        viewport: { width: 1440, height: 900 },
        deviceScaleFactor: 1.5,
        reducedMotion: 'reduce',
      });
      await page.goto(server.url + hash);
      await page.getByTestId('drawn').waitFor();
      await page.evaluate(() => document.fonts.ready);
      const file = path.join(folder, `${name}.png`);
      await page.screenshot({ path: file });
      console.log(file);
      await page.close();
    }
  } catch (error) {
    throw new Failure(`No picture of the page could be made: ${error.message}`);
  } finally {
    await browser.close();
    await server.close();
  }
});
