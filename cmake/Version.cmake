# The commit is read at every build, not only when CMake configures, so that --version never lies.
add_custom_target(migbench_version_header ALL
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${CMAKE_BINARY_DIR}/generated/migbench_version.hpp
          -P ${CMAKE_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/migbench_version.hpp
  COMMENT "version")
