// The package as others get it: packed, and installed into empty projects.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { greedy, root } from './models.ts';

export interface Packed extends Disposable {
  readonly tarball: string;
  /** The directory of a new project that has these files, and nothing installed but the package. */
  project(name: string, files: Record<string, string>): string;
}

const npm = (args: string[], cwd: string) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export function pack(): Packed {
  const scratch = mkdtempSync(path.join(tmpdir(), 'glassformer-pack-'));
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', scratch], root));
  const tarball = path.join(scratch, packed.filename);
  return {
    tarball,
    project(name, files) {
      const directory = path.join(scratch, name);
      const manifest = JSON.stringify({ name, private: true, type: 'module' });
      for (const [file, content] of Object.entries({ ...files, 'package.json': manifest })) {
        mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
        writeFileSync(path.join(directory, file), content);
      }
      npm(['install', '--offline', '--no-audit', '--no-fund', tarball], directory);
      return directory;
    },
    [Symbol.dispose]: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Lets a project find packages of the repository, such as a bundler. */
export function linkPackages(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const link = path.join(directory, 'node_modules', name);
    if (!existsSync(link)) symlinkSync(path.join(root, 'node_modules', name), link);
  }
}

/** The first five of greedy continuation. */
export const expectedIds = greedy.greedy_24.slice(0, 5);

/** A program that continues a text greedily, so that `ids` are the expected ones. */
export const programWith = (source: string) => `
  import { load } from 'glassformer';
  const model = await load(${JSON.stringify(source)});
  const ids = [];
  for await (const { id } of model.generate(${JSON.stringify(greedy.prompt)}, {
    temperature: 0,
    maxTokens: 5,
  })) {
    ids.push(id);
  }
  const { worker } = model.info;
  await model.dispose();
`;
