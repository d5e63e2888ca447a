import type { Page } from 'playwright-core';

/** By the address of their folder, how many bytes of models a browser keeps, as it gives them out again. */
export async function keptBytesOn(page: Page): Promise<Map<string, number>> {
  const files = await page.evaluate(async () => {
    const store = await caches.open('glassformer-models');
    const keys = await store.keys();
    return Promise.all(
      keys.map(async ({ url }) => {
        const { byteLength } = await (await store.match(url))!.arrayBuffer();
        return { folder: url.slice(0, url.lastIndexOf('/') + 1), byteLength };
      }),
    );
  });
  const bytes = new Map<string, number>();
  for (const { folder, byteLength } of files) {
    bytes.set(folder, (bytes.get(folder) ?? 0) + byteLength);
  }
  return bytes;
}
