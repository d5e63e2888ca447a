// WebKit, Safari's engine, spoken to in WebDriver (https://www.w3.org/TR/webdriver2/) as it comes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { OtherBrowser } from './other_browser.ts';

type Call = (method: string, path: string, body?: object) => Promise<unknown>;

/** Starts the system's WebKitGTK on a display of its own. */
export async function launchWebKit(): Promise<OtherBrowser> {
  const processes: ChildProcess[] = [];
  const stop = async () => {
    for (const process of processes.reverse()) await end(process);
  };
  try {
    // It has no mode without a window.
    const display = await startDisplay(processes);
    const driver = await startDriver(processes, display);
    const { sessionId } = (await driver('POST', '/session', { capabilities: {} })) as {
      sessionId: string;
    };
    const session = `/session/${sessionId}`;
    const execute = (script: string, ...args: unknown[]) =>
      driver('POST', `${session}/execute/sync`, { script, args });
    return {
      open: async (url) => {
        await driver('POST', `${session}/url`, { url });
        // It does not wait for modules.
        while ((await execute('return document.readyState')) !== 'complete') await wait(20);
      },
      evaluate: async (work, argument) =>
        (await execute(`return (${work})(arguments[0])`, argument)) as Awaited<
          ReturnType<typeof work>
        >,
      [Symbol.asyncDispose]: async () => {
        await driver('DELETE', session).finally(stop);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function start(processes: ChildProcess[], command: string, args: string[], options: object) {
  const child = spawn(command, args, options);
  child.on('error', () => {}); // Its end says it, too.
  processes.push(child);
  // Where the tests are stopped before they are done.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return child;
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess) =>
  pid !== undefined && exitCode === null && signalCode === null;

async function end(child: ChildProcess) {
  if (!isRunning(child)) return;
  child.kill();
  await once(child, 'exit');
}

/** The X server picks a number that is free, and tells it once it can be used. */
async function startDisplay(processes: ChildProcess[]): Promise<string> {
  const args = ['-displayfd', '3', '-nolisten', 'tcp'];
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'];
  const server = start(processes, 'Xvfb', args, { stdio });
  let number = '';
  for await (const text of server.stdio[3] as Readable) {
    number += text;
    if (number.endsWith('\n')) return `:${number.trim()}`;
  }
  throw new Error('Xvfb could not be started: it is in the package xvfb');
}

async function startDriver(processes: ChildProcess[], display: string): Promise<Call> {
  const port = await freePort();
  const driver = start(processes, 'WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: display,
      // Safari shares memory in isolated pages; WebKitGTK has it, and leaves it off.
      JSC_useSharedArrayBuffer: '1',
      // Its sandbox is not for root, who runs the tests in a container.
      ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } : {}),
    },
  });
  const call: Call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = (await response.json()) as { value: { error?: string; message?: string } };
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  for (;;) {
    const answer = await call('GET', '/status').catch(() => null);
    if (answer) return call;
    if (!isRunning(driver)) {
      throw new Error('WebKitWebDriver could not be started: it is in webkit2gtk-driver');
    }
    await wait(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
