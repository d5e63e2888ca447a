// What can go wrong in a way that the user can act on.

/** One sentence for the user; no stack is shown. */
export class WeightsError extends Error {}

/** Ctrl-C, or SIGTERM: not a failure, what has arrived is kept. */
export class Interrupted extends Error {}

/** Trouble that may pass (a broken connection, a busy server): worth another attempt. */
export class PassingError extends Error {
  /** @param {number | null} waitMilliseconds how long the server asks us to wait */
  constructor(message, waitMilliseconds = null) {
    super(message);
    this.waitMilliseconds = waitMilliseconds;
  }
}

/** The sentence for a system error on a path, in place of Node's codes. */
function fileError(error, path) {
  const reasons = {
    ENOSPC: 'the disk is full; free some space, then run the same command again to go on',
    EDQUOT: 'the disk quota is used up; free some space, then run the same command again to go on',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOENT: 'no such file or folder',
    EEXIST: 'there is a file where the folder should be',
    ENOTDIR: 'there is a file where a folder should be',
    EISDIR: 'there is a folder where the file should be',
  };
  return new WeightsError(`${path}: ${reasons[error.code] ?? error.message}`);
}

/** The same error, or its sentence where it is a system error. */
export function explained(error, path) {
  return typeof error?.code === 'string' && error.syscall ? fileError(error, path) : error;
}

/** Runs a piece of work on a path; its system errors become sentences. */
export async function onPath(path, work) {
  try {
    return await work();
  } catch (error) {
    throw explained(error, path);
  }
}
