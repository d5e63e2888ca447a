import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const root = new URL('../../../', import.meta.url);
const references = new URL('tests/web/pictures/', root);
const differences = new URL('build/pictures/', root);

/** Set by the command that renews the reference pictures. */
const renews = process.env.RENEW_PICTURES === '1';

/**
 * How far a pixel's colour may lie from the reference's, from 0 to 1, and how many of all pixels may lie
 * further: edges of letters are not the same in every version of the browser and its font engine.
 */
const [threshold, share] = [0.2, 0.001];

export interface Comparison {
  /** Of all pixels those that differ; 1 where the sizes do. */
  differing: number;
  /** Says what is wrong, and where to look; null where nothing is. */
  complaint: string | null;
}

const size = ({ width, height }: PNG) => `${width} x ${height}`;

/** Compares a PNG file with the reference of this name; where they differ, writes both and what does. */
export function comparePicture(name: string, picture: Buffer): Comparison {
  const file = new URL(`${name}.png`, references);
  const shown = (kind: string) => fileURLToPath(new URL(`${name}.${kind}.png`, differences));
  if (renews) {
    mkdirSync(references, { recursive: true });
    writeFileSync(file, picture);
    return { differing: 0, complaint: null };
  }
  const write = (kind: string, bytes: Buffer) => {
    mkdirSync(differences, { recursive: true });
    writeFileSync(shown(kind), bytes);
  };
  for (const kind of ['now', 'before', 'difference']) rmSync(shown(kind), { force: true });
  if (!existsSync(file)) {
    write('now', picture);
    return { differing: 1, complaint: `There is no reference picture ${name}.` };
  }
  const reference = readFileSync(file);
  const [before, now] = [PNG.sync.read(reference), PNG.sync.read(picture)];
  if (size(before) !== size(now)) {
    write('now', picture);
    return { differing: 1, complaint: `${name} is ${size(now)} pixels, not ${size(before)}.` };
  }
  const { width, height } = now;
  const difference = new PNG({ width, height });
  const count = pixelmatch(before.data, now.data, difference.data, width, height, { threshold });
  const differing = count / (width * height);
  if (differing <= share) return { differing, complaint: null };
  write('now', picture);
  write('before', reference);
  write('difference', PNG.sync.write(difference));
  const percent = (100 * differing).toFixed(2);
  return {
    differing,
    complaint: `${name} differs in ${percent}% of pixels: ${shown('difference')}`,
  };
}

/**
 * Settings that show the browser the same letters on every machine: the fonts of the packages that the
 * tests need anyway, whatever else is installed, and edges that are nobody's screen's. Returns the file.
 */
export function writeFontSettings(): string {
  mkdirSync(differences, { recursive: true });
  const file = fileURLToPath(new URL('fonts.conf', differences));
  const edits = Object.entries({ antialias: true, hinting: false, autohint: false })
    .map(([name, value]) => `<edit name="${name}" mode="assign"><bool>${value}</bool></edit>`)
    .join('');
  const folders = ['opentype/noto', 'truetype/dejavu'];
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  ${folders.map((folder) => `<dir>/usr/share/fonts/${folder}</dir>`).join('')}
  <cachedir>${fileURLToPath(new URL('fonts', differences))}</cachedir>
  <match target="font">${edits}<edit name="rgba" mode="assign"><const>none</const></edit></match>
</fontconfig>
`,
  );
  return file;
}
