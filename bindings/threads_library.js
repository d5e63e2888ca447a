// In place of a part of Emscripten's own library, for the kinds of the module with threads.
addToLibrary({
  // Emscripten waits here, for as long as the page lives, for messages that its own threads would send
  // to the first. There are none of those, and the wait would keep the memory of a model that has
  // been disposed of.
  _emscripten_thread_mailbox_await__deps: [],
  _emscripten_thread_mailbox_await: (_thread) => {},
});
