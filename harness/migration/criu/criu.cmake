# Moving with CRIU: what the agents on both nodes and the harness share.
migbench_library(migbench_criu ${CMAKE_CURRENT_SOURCE_DIR}/migration/criu
                 migbench_nodes PkgConfig::LIBNL)
migbench_program(migbench-criu-agent programs/criu_agent.cpp migbench_criu)
migbench_program(migbench-criu-check programs/criu_check.cpp migbench_criu)
migbench_program(migbench-criu-holder programs/criu_holder.cpp migbench_bench)
