// A Hub on this machine that can be told to misbehave.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A safetensors file with one F32 tensor, its bytes a fixed sequence. */
export function safetensors(dataBytes = 400_000) {
  const header = Buffer.from(
    JSON.stringify({
      w: { dtype: 'F32', shape: [dataBytes / 4], data_offsets: [0, dataBytes] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Buffer.alloc(dataBytes);
  for (let i = 0; i < dataBytes; i += 1) data[i] = (i * 31 + (i >> 8)) & 255;
  return Buffer.concat([length, header, data]);
}

/** The files of a small checkpoint. */
export const checkpoint = () => ({
  'config.json': Buffer.from('{"model_type":"gpt2"}'),
  'vocab.json': Buffer.from('{"a":0}'),
  'merges.txt': Buffer.from('#version: 0.2\n'),
  'model.safetensors': safetensors(),
});

/**
 * Serves files as /OWNER/NAME/resolve/REVISION/FILE. `behaviour` maps a file name to what is odd
 * about it; a list is used up one request after another:
 *   breakAfter: N     destroys the connection after N bytes of a body
 *   stallAfter: N     sends N bytes, then nothing
 *   slow: N           sends N bytes every 20 ms
 *   declare: N        states this Content-Length, whatever is sent
 *   body: BYTES       another file than usual
 *   noRange           ignores Range
 *   ignoreIfRange     sends the range whatever version it was asked for
 *   etag: TEXT|null   another ETag than the default; null: none
 *   status: N         answers with this status
 *   redirect: true    answers from another path, with X-Linked-Size and X-Linked-ETag on the way
 *   linkedHash: TEXT  another X-Linked-ETag than the true one
 */
export async function startHub(files) {
  const hub = { files, behaviour: {}, requests: [] };
  const server = createServer((request, response) => answer(hub, request, response));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  hub.url = `http://127.0.0.1:${server.address().port}`;
  hub.stop = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  /** The Range header of each GET of a file so far. */
  hub.ranges = (name) =>
    hub.requests
      .filter((r) => r.method === 'GET' && r.url.endsWith(`/${name}`) && !r.url.startsWith('/cdn'))
      .map((r) => r.headers.range ?? 'whole');
  return hub;
}

function answer(hub, request, response) {
  hub.requests.push({ method: request.method, url: request.url, headers: request.headers });
  const name = request.url.split('/').at(-1);
  const behaviour = hub.behaviour[name] ?? {};
  const odd = (Array.isArray(behaviour) ? behaviour.shift() : behaviour) ?? {};
  const body = odd.body ?? hub.files[name];
  if (odd.status) {
    response.writeHead(odd.status, { 'Retry-After': '0' }).end();
    return;
  }
  if (body === undefined) {
    response.writeHead(404).end('Entry not found');
    return;
  }
  if (odd.redirect && !request.url.startsWith('/cdn')) {
    const linked = {
      'X-Linked-Size': body.length,
      'X-Linked-ETag': `"${odd.linkedHash ?? sha256(body)}"`,
    };
    response.writeHead(302, { Location: `/cdn/${name}`, ...linked }).end('Found');
    return;
  }
  const etag = odd.etag === undefined ? `"${sha256(body).slice(0, 16)}"` : odd.etag;
  const headers = etag === null ? {} : { ETag: etag };
  const range = request.headers.range?.match(/^bytes=(\d+)-$/);
  const sameVersion = odd.ignoreIfRange || [undefined, etag].includes(request.headers['if-range']);
  let start = 0;
  if (range && sameVersion && !odd.noRange) {
    start = Number(range[1]);
    if (start >= body.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
      return;
    }
    headers['Content-Range'] = `bytes ${start}-${body.length - 1}/${body.length}`;
  }
  const rest = body.subarray(start);
  headers['Content-Length'] = odd.declare ?? rest.length;
  response.writeHead(start > 0 ? 206 : 200, headers);
  if (request.method === 'HEAD') response.end();
  else send(response, rest, odd);
}

function send(response, rest, odd) {
  if (odd.breakAfter !== undefined) {
    response.write(rest.subarray(0, odd.breakAfter), () => {
      setTimeout(() => response.destroy(), 30);
    });
  } else if (odd.stallAfter !== undefined) {
    response.write(rest.subarray(0, odd.stallAfter));
  } else if (odd.slow !== undefined) {
    let at = 0;
    const timer = setInterval(() => {
      response.write(rest.subarray(at, (at += odd.slow)));
      if (at >= rest.length || response.destroyed) {
        clearInterval(timer);
        response.end();
      }
    }, 20);
  } else if (odd.declare !== undefined) {
    response.write(rest);
    setTimeout(() => response.destroy(), 30);
  } else {
    response.end(rest);
  }
}
