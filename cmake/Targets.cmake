# One line a target; sources are found by name, so that a new file needs no line here.

# migbench_library(NAME DIRECTORY [LIBS...]): a static library of all .cpp files of a directory.
function(migbench_library name directory)
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC migbench_options ${ARGN})
endfunction()

# migbench_program(NAME SOURCE [LIBS...]): an installed program.
function(migbench_program name source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE migbench_options ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# migbench_test(ROOM [LIBS...]): one Catch2 program from tests/ROOM/*.cpp, its cases in one ctest entry.
function(migbench_test room)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${room}/*.cpp)
  add_executable(test_${room} ${sources})
  target_link_libraries(test_${room} PRIVATE migbench_catch ${ARGN})
  add_test(NAME ${room} COMMAND test_${room})
  set_tests_properties(${room} PROPERTIES TIMEOUT 300)
endfunction()
