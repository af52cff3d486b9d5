# Guests: the client of the exec agent, and the agent itself, which is process 1 of a guest: static, and
# without sanitizers, because nothing else need be there.
migbench_program(migbench-guest-exec ${CMAKE_CURRENT_LIST_DIR}/programs/guest_exec.cpp
                 migbench_bench CLI11::CLI11)

add_executable(migbench-guest-init
  ${CMAKE_CURRENT_LIST_DIR}/programs/guest_init.cpp ${CMAKE_CURRENT_LIST_DIR}/programs/init_agent.cpp
  ${CMAKE_CURRENT_LIST_DIR}/programs/init_settings.cpp ${CMAKE_CURRENT_LIST_DIR}/programs/init_steps.cpp)
target_include_directories(migbench-guest-init PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(migbench-guest-init PRIVATE -Os -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       $<$<BOOL:${MIGBENCH_WERROR}>:-Werror>)
target_link_libraries(migbench-guest-init PRIVATE nlohmann_json::nlohmann_json)
target_link_options(migbench-guest-init PRIVATE -static -s)
set_target_properties(migbench-guest-init PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
migbench_add_to_programs(migbench-guest-init)
install(TARGETS migbench-guest-init RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# libvirtd with directories of its own, for virtual nodes.
migbench_program(migbench-libvirt-host ${CMAKE_CURRENT_LIST_DIR}/../libvirt/programs/libvirt_host.cpp
                 migbench_bench CLI11::CLI11)

if(MIGBENCH_HAVE_LIBARCHIVE)
  target_link_libraries(migbench_harness PUBLIC PkgConfig::LIBARCHIVE)
endif()
if(MIGBENCH_HAVE_LIBVIRT)
  target_link_libraries(migbench_harness PUBLIC PkgConfig::LIBVIRT)
endif()
