# How the project is compiled. Targets of ours link glassformer_options; code of others that is
# compiled with it (GoogleTest in the wasm build) links glassformer_dialect, the part that both
# must share.
add_library(glassformer_dialect INTERFACE)
target_compile_options(glassformer_dialect INTERFACE -fno-exceptions)
if(EMSCRIPTEN)
  target_compile_options(glassformer_dialect INTERFACE -msimd128)
endif()
if(GLASSFORMER_SANITIZE)
  set(sanitizers -fsanitize=address,undefined)
  target_compile_options(glassformer_dialect INTERFACE
    ${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(glassformer_dialect INTERFACE ${sanitizers})
endif()

add_library(glassformer_options INTERFACE)
target_link_libraries(glassformer_options INTERFACE glassformer_dialect)
target_compile_options(glassformer_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow)
# Designated initialisers leave out on purpose what has its default.
target_compile_options(glassformer_options INTERFACE -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies in "text" + std::to_string(n) where there are none (GCC bug 105651).
  target_compile_options(glassformer_options INTERFACE -Wno-restrict)
endif()
if(GLASSFORMER_WARNINGS_ARE_ERRORS)
  target_compile_options(glassformer_options INTERFACE -Werror)
endif()
