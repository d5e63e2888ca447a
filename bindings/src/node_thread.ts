// The script of a computing thread in Node.
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type ThreadStart } from './serve.ts';

await serve(workerData as ThreadStart, () => parentPort!.postMessage('ready'));
