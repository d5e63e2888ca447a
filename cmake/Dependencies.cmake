# Eigen and nlohmann/json: the system's packages where there are any, otherwise fetched.
include(FetchContent)

if(EMSCRIPTEN)
  # The system's headers are for the system's compiler: only the header-only libraries that we use
  # may reach emcc, through a folder of links of their own.
  include(LinkedHeaders)
  glassformer_link_headers(Eigen3::Eigen eigen3/Eigen eigen3/unsupported)
  glassformer_link_headers(nlohmann_json::nlohmann_json nlohmann)
else()
  find_package(Eigen3 3.4 QUIET NO_MODULE)
  find_package(nlohmann_json 3.11 QUIET)
endif()

if(NOT TARGET Eigen3::Eigen)
  # Headers only: SOURCE_SUBDIR names a folder without a CMakeLists.txt, so that Eigen's own build,
  # with its tests and its BLAS, stays out of ours.
  FetchContent_Declare(eigen SOURCE_SUBDIR none
    URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz)
  FetchContent_MakeAvailable(eigen)
  add_library(Eigen3::Eigen INTERFACE IMPORTED)
  target_include_directories(Eigen3::Eigen INTERFACE ${eigen_SOURCE_DIR})
endif()

if(NOT TARGET nlohmann_json::nlohmann_json)
  FetchContent_Declare(nlohmann_json SYSTEM
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz)
  FetchContent_MakeAvailable(nlohmann_json)
endif()
