// The script of a computing thread in a browser.
import { serve, type ThreadStart } from './serve.ts';

const port = globalThis as unknown as {
  onmessage: (event: MessageEvent<ThreadStart>) => void;
  postMessage(message: 'ready'): void;
};

port.onmessage = ({ data }) => {
  void serve(data, () => port.postMessage('ready'));
};
