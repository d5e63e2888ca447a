/** Where the tour's words are, by language. */
export const tourTexts = {
  en: () => import('./tour.en.ts').then(({ tour }) => tour),
  'zh-CN': () => import('./tour.zh-CN.ts').then(({ tour }) => tour),
};
