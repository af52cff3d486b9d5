# One line a target; sources are found by name, so that a new file needs no line here.

# migbench_library(NAME DIRECTORY [LIBS...]): a static library of all .cpp files of a directory.
function(migbench_library name directory)
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC migbench_options ${ARGN})
endfunction()

add_custom_target(programs)  # all that a plan can run, without the tests

# migbench_program(NAME SOURCE [LIBS...]): an installed program.
function(migbench_program name source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE migbench_options ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  add_dependencies(programs ${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
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
