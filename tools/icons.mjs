// The icons of the installed page, from web/src/icon.svg:
//   node tools/icons.mjs
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { runProgram } from './setup/failure.mjs';
import { below } from './setup/paths.mjs';

/** Systems cut a maskable icon to a shape of theirs, and leave a circle of four fifths of its width. */
const kinds = [
  { name: 'icon', share: 1, background: 'transparent' },
  { name: 'maskable', share: 0.72, background: '#fafaf7' },
];

await runProgram(async () => {
  const icon = readFileSync(below('web/src/icon.svg')).toString('base64');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    for (const { name, share, background } of kinds) {
      for (const size of [192, 512]) {
        const page = await browser.newPage({ viewport: { width: size, height: size } });
        await page.setContent(
          `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${background}">` +
            `<img width="${size * share}" src="data:image/svg+xml;base64,${icon}">`,
        );
        await page.locator('img').evaluate((image) => image.decode());
        const file = below(`web/public/icons/${name}-${size}.png`);
        await page.screenshot({ path: file, omitBackground: true });
        console.log(file);
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
});
