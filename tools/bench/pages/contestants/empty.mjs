// Nothing: what the browser itself takes for a page.
export const start = async () => ({ facts: {}, works: {} });
