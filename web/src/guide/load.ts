/** Where the guide's texts are, by language. They come when they are shown, not with the page. */

export const operationTexts = {
  en: () => import('./operations.en.ts').then(({ operations }) => operations),
  'zh-CN': () => import('./operations.zh-CN.ts').then(({ operations }) => operations),
};

export const tourTexts = {
  en: () => import('./tour.en.ts').then(({ tour }) => tour),
  'zh-CN': () => import('./tour.zh-CN.ts').then(({ tour }) => tour),
};
