// A file that has not arrived in full, and the note beside it of which version it is a part of.
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { onPath } from './errors.mjs';

/**
 * @typedef {{etag: string | null, linkedHash: string | null, length: number | null}} Version
 *   what the server said of the file when the part was begun
 */
export class PartialFile {
  constructor(path) {
    this.path = path;
    this.notePath = `${path}.json`;
  }

  async size() {
    try {
      return (await stat(this.path)).size;
    } catch {
      return 0;
    }
  }

  /** @returns {Promise<Version | null>} null where nothing is known of the part */
  async version() {
    try {
      const { etag = null, linkedHash = null, length = null } = JSON.parse(
        await readFile(this.notePath, 'utf8'),
      );
      return { etag, linkedHash, length };
    } catch {
      return null;
    }
  }

  async discard() {
    // The note first: a part without a note is never continued.
    await rm(this.notePath, { force: true });
    await rm(this.path, { force: true });
  }

  /** Opens an empty part of this version for writing. */
  async begin(version) {
    return onPath(this.path, async () => {
      await rm(this.notePath, { force: true });
      const handle = await open(this.path, 'w');
      await writeFile(this.notePath, JSON.stringify(version)).catch(async (error) => {
        await handle.close();
        throw error;
      });
      return handle;
    });
  }

  /** Opens the part for more at its end. */
  async extend() {
    return onPath(this.path, () => open(this.path, 'a'));
  }
}
