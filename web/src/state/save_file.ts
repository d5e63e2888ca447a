/** Files that the browser saves. */
const types: Record<string, string> = {
  csv: 'text/csv',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
};

/** Whatever a model is called: no system misunderstands these letters in a file's name. */
const plain = (text: string) => text.replace(/[^\w.-]+/g, '_').replace(/^[_.]+|[_.]+$/g, '');

/** glassformer-stories-blocks.3.attn.hook_pattern.csv */
export const fileNameOf = (model: string, name: string, extension: string) =>
  ['glassformer', plain(model), plain(name)].filter(Boolean).join('-') + `.${extension}`;

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: BlobPart): void {
  const type = types[name.split('.').at(-1)!] ?? 'application/octet-stream';
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
