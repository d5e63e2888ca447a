import type { Control, Engine, LoadedInfo } from './engine.ts';
import type { OpenFile } from './files.ts';
import { makePace } from './pace.ts';

const noticeEveryMs = 50;

type Sink = Pick<Engine, 'beginWeights' | 'feedWeights' | 'finishWeights'>;

/** Streams model.safetensors into an engine; a kept copy is settled either way. */
export async function streamWeights(
  file: OpenFile,
  sink: Sink,
  { signal, notify }: Control,
): Promise<LoadedInfo> {
  const pace = makePace(signal);
  const { kept = 0 } = file;
  let loaded = 0;
  // Also tells of the last bytes before a connection stalls.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const noticeSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      notify?.({ loaded, total: file.size });
    }, noticeEveryMs);
  };
  notify?.({ loaded: kept, total: file.size });
  try {
    await sink.beginWeights(file.sizeIsExact ? file.size : 0);
    for await (const chunk of file.chunks) {
      await pace();
      await sink.feedWeights(chunk);
      loaded += chunk.length;
      if (loaded > kept) noticeSoon();
    }
    const info = await sink.finishWeights();
    clearTimeout(timer);
    notify?.({ loaded, total: loaded });
    await file.verified();
    return info;
  } catch (error) {
    clearTimeout(timer);
    await file.rejected(error);
    throw error;
  }
}
