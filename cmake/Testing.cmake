# GoogleTest, and glassformer_tests(FILE...), which makes one test program of each file.
include(FetchContent)

if(EMSCRIPTEN)
  # Debian's libgtest-dev brings the sources too; its library is for the system's compiler.
  set(gtest_source /usr/src/googletest/googletest)
  if(EXISTS ${gtest_source}/src/gtest-all.cc)
    add_library(gtest_main STATIC
      ${gtest_source}/src/gtest-all.cc ${gtest_source}/src/gtest_main.cc)
    target_include_directories(gtest_main PRIVATE ${gtest_source})
    target_include_directories(gtest_main SYSTEM PUBLIC ${gtest_source}/include)
    target_link_libraries(gtest_main PRIVATE glassformer_dialect)
    add_library(GTest::gtest_main ALIAS gtest_main)
  endif()
else()
  find_package(GTest 1.12 QUIET)
endif()

if(NOT TARGET GTest::gtest_main)
  FetchContent_Declare(googletest SYSTEM
    URL https://github.com/google/googletest/archive/refs/tags/v1.14.0.tar.gz)
  set(INSTALL_GTEST OFF CACHE INTERNAL "")
  set(BUILD_GMOCK OFF CACHE INTERNAL "")
  FetchContent_MakeAvailable(googletest)
endif()

if(EMSCRIPTEN)
  # Newer Nodes have relaxed SIMD without a flag, and may not know it any more.
  set(relaxed_simd_flag --experimental-wasm-relaxed-simd)
  execute_process(COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} ${relaxed_simd_flag} -e 0
    RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
  if(refused)
    set(relaxed_simd_flag --no-warnings)
  endif()
endif()

# What every test program links: GoogleTest's main, the include root, and where the repository is.
add_library(glassformer_test_options INTERFACE)
target_link_libraries(glassformer_test_options INTERFACE glassformer_options GTest::gtest_main)
target_include_directories(glassformer_test_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(glassformer_test_options INTERFACE
  GLASSFORMER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
if(EMSCRIPTEN)
  # Emscripten's programs are CommonJS; the package.json of the repository says otherwise.
  file(WRITE ${PROJECT_BINARY_DIR}/bin/package.json "{ \"type\": \"commonjs\" }\n")
  # Tests read real files, so they need Node's file system. -O1 links in a third of the time: the
  # code itself was already optimised when it was compiled.
  target_link_options(glassformer_test_options INTERFACE
    -O1 -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1 -sALLOW_MEMORY_GROWTH=1
    -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=1MB)
endif()

# glassformer_tests(LINK LIBRARY... [SUFFIX _kind] FILES core/quote_test.cc ...): for each file the
# program core_quote_test, linked with the libraries, and the test core/quote; with the suffix, where
# a file is tested with several libraries.
function(glassformer_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SUFFIX" "LINK;FILES")
  foreach(file IN LISTS arg_FILES)
    string(REGEX REPLACE "_test\\.cc$" "" test ${file})
    string(APPEND test "${arg_SUFFIX}")
    string(REPLACE "/" "_" program "${test}_test")
    add_executable(${program} ${file})
    target_link_libraries(${program} PRIVATE glassformer_test_options ${arg_LINK})
    if(EMSCRIPTEN AND arg_SUFFIX STREQUAL "_relaxed")
      target_compile_options(${program} PRIVATE -mrelaxed-simd)
      set_target_properties(${program} PROPERTIES
        CROSSCOMPILING_EMULATOR "${CMAKE_CROSSCOMPILING_EMULATOR};${relaxed_simd_flag}")
    endif()
    add_test(NAME ${test} COMMAND ${program} --gtest_brief=1
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # A hang is a failure too: no test file should need more than seconds.
    set_tests_properties(${test} PROPERTIES TIMEOUT 120)
  endforeach()
endfunction()
