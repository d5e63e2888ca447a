// The package as npm would publish it, and empty projects that install it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './models.ts';

const npm = (args: string[], cwd: string) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export interface PackedPackage {
  readonly tarball: string;
  /** An empty project with nothing but the package installed. */
  project(name: string, files: Record<string, string>): string;
  remove(): void;
}

export function packPackage(): PackedPackage {
  const scratch = mkdtempSync(path.join(tmpdir(), 'glassformer-pack-'));
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', scratch], root));
  const tarball = path.join(scratch, packed.filename);
  return {
    tarball,
    project(name, files) {
      const directory = path.join(scratch, name);
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
        writeFileSync(path.join(directory, file), content);
      }
      const description = { name, private: true, type: 'module' };
      writeFileSync(path.join(directory, 'package.json'), JSON.stringify(description));
      npm(['install', '--offline', '--no-audit', '--no-fund', tarball], directory);
      return directory;
    },
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Lets a project find packages of the repository, such as a bundler. */
export function linkPackages(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const link = path.join(directory, 'node_modules', name);
    if (!existsSync(link)) symlinkSync(path.join(root, 'node_modules', name), link);
  }
}
