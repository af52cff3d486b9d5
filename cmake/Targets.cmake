# One line a target; sources are found by name, so that a new file needs no line here.

# migbench_library(NAME DIRECTORY [LIBS...]): a static library of all .cpp files of a directory.
function(migbench_library name directory)
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC migbench_options ${ARGN})
endfunction()

# What is built is named "programs" (all that a plan can run, without the tests), or by part, for a plan that does not
# run all: "programs-base", "programs-probe" and, for each directory of apps/, "programs-NAME".
add_custom_target(programs)

function(migbench_add_to_programs target)
  set(part programs-base)
  if(CMAKE_CURRENT_SOURCE_DIR STREQUAL ${CMAKE_SOURCE_DIR}/udp_downtime)
    set(part programs-probe)
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${CMAKE_SOURCE_DIR}/apps OUTPUT_VARIABLE inside)
  if(NOT inside MATCHES "^\\.\\.")
    set(part programs-${inside})
  endif()
  if(NOT TARGET ${part})
    add_custom_target(${part})
    add_dependencies(programs ${part})
  endif()
  add_dependencies(${part} ${target})
endfunction()

# migbench_untimed(SOURCES...): no time that is measured passes in these. They read options and write reports, with
# headers that are slow to compile: -O1 takes a third off.
function(migbench_untimed)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
endfunction()

# migbench_program(NAME SOURCE [LIBS...]): an installed program. What it measures is in its libraries.
function(migbench_program name source)
  add_executable(${name} ${source})
  if(source MATCHES "\\.cpp$")
    migbench_untimed(${source})
  endif()
  target_link_libraries(${name} PRIVATE migbench_options ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  migbench_add_to_programs(${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# migbench_leaks_unchecked(NAME...): of programs that leave their PID namespace, see the file.
function(migbench_leaks_unchecked)
  if(MIGBENCH_SANITIZE MATCHES "address")
    foreach(name ${ARGN})
      target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/leaks_unchecked.cpp)
    endforeach()
  endif()
endfunction()

# migbench_test(ROOM [LIBS...]): one Catch2 program from tests/ROOM/*.cpp; every test case is a ctest entry
# of its own, "ROOM: name", run in a process of its own. Exit status 77 means skipped (tests/catch.hpp).
function(migbench_test room)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${room}/*.cpp)
  add_executable(test_${room} ${sources})
  target_link_libraries(test_${room} PRIVATE migbench_catch ${ARGN})
  target_compile_options(test_${room} PRIVATE $<$<CONFIG:Release>:-O1>)  # a test is built more often than run
  set_target_properties(test_${room} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  catch_discover_tests(test_${room} TEST_PREFIX "${room}: "
                       PROPERTIES LABELS ${room} TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()
