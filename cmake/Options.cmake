# The language, the warnings and the sanitizers, for every target alike.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# What is measured by calling MPI or verbs gains nothing from -O3; the kernels that do ask for it themselves.
# A program keeps only what it calls: files compiled as one come in whole otherwise, and guests have little memory.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Wl,--gc-sections")

set(MIGBENCH_SANITIZE "" CACHE STRING "sanitizers to build with, for example address,undefined")
option(MIGBENCH_WERROR "treat warnings as errors (scripts/test.sh does)" OFF)

find_program(MIGBENCH_CCACHE ccache)
if(MIGBENCH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What a file includes is read from the compiler's own list: no preprocessor runs ahead of it in a build from nothing.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_DEPEND=1 ${MIGBENCH_CCACHE})
endif()

add_library(migbench_options INTERFACE)
target_include_directories(migbench_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(migbench_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${MIGBENCH_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of impossible overlaps inside std::string itself (GCC bug 105651).
  target_compile_options(migbench_options INTERFACE -Wno-restrict)
endif()
if(MIGBENCH_SANITIZE)
  target_compile_options(migbench_options INTERFACE
    -fsanitize=${MIGBENCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(migbench_options INTERFACE -fsanitize=${MIGBENCH_SANITIZE})
endif()
