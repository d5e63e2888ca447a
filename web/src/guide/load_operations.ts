/** Where the operations' words are, by language. They come when they are shown, not with the page. */
export const operationTexts = {
  en: () => import('./operations.en.ts').then(({ operations }) => operations),
  'zh-CN': () => import('./operations.zh-CN.ts').then(({ operations }) => operations),
};
