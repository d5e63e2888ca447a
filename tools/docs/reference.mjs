// bindings/docs/api.md, from the types of the package.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../setup/command.mjs';
import { below } from '../setup/paths.mjs';

export async function referencePage() {
  const folder = mkdtempSync(path.join(tmpdir(), 'glassformer-docs-'));
  try {
    const config = below('tools/docs/typedoc.json');
    await run(
      below('node_modules/.bin/typedoc'),
      ['--options', config, '--out', folder, '--logLevel', 'Warn'],
      { sentence: 'The reference could not be made: typedoc says why above.' },
    );
    return readFileSync(path.join(folder, 'api.md'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
