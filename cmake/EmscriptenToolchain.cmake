# The emcc that `npm run bootstrap` found or fetched.
set(found ${CMAKE_CURRENT_LIST_DIR}/../build/toolchain/emscripten.cmake)
if(NOT EXISTS ${found})
  message(FATAL_ERROR "No Emscripten yet: run `npm run bootstrap` first.")
endif()
include(${found})
