# Every package that migbench stands on, looked up once and in this file only.
# A required package stops the configuration with the name of the Debian package that has it.
# An optional one that is missing switches its part off: the part's option header says so
# (MIGBENCH_HAVE_X is 0), and `migbench list` reports the part as unsupported with the remedy.
include(FindPkgConfig)
find_package(Threads REQUIRED)

macro(migbench_require_cmake package debian)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found: apt-get install ${debian} (scripts/setup.sh does it)")
  endif()
endmacro()

macro(migbench_require_pkgconfig target module debian)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} was not found: apt-get install ${debian} (scripts/setup.sh does it)")
  endif()
endmacro()

# Sets MIGBENCH_HAVE_<target> to 0 or 1, and where it is 1 the target PkgConfig::<target> exists.
macro(migbench_optional_pkgconfig target module debian)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET ${module})
  if(${target}_FOUND)
    set(MIGBENCH_HAVE_${target} 1)
  else()
    set(MIGBENCH_HAVE_${target} 0)
    message(STATUS "${module} was not found, its part is off: apt-get install ${debian}")
  endif()
endmacro()

migbench_require_cmake(fmt libfmt-dev)
migbench_require_cmake(nlohmann_json nlohmann-json3-dev)
migbench_require_cmake(CLI11 libcli11-dev)
migbench_require_cmake(benchmark libbenchmark-dev)
migbench_require_cmake(Boost libboost-dev)
migbench_require_cmake(Catch2 catch2)
migbench_require_cmake(MPI libopenmpi-dev COMPONENTS C)
# Only the C interface: MPI 3 dropped the C++ one, but Debian 12's mpi.h still brings it along.
target_compile_definitions(MPI::MPI_C INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
migbench_require_pkgconfig(HWLOC hwloc libhwloc-dev)
migbench_require_pkgconfig(LIBNL libnl-route-3.0 "libnl-3-dev libnl-route-3-dev")

migbench_optional_pkgconfig(LIBBPF libbpf libbpf-dev)
migbench_optional_pkgconfig(LIBVIRT libvirt libvirt-dev)
migbench_optional_pkgconfig(LIBARCHIVE libarchive libarchive-dev)  # the guests' initramfs
migbench_optional_pkgconfig(IBVERBS libibverbs libibverbs-dev)
migbench_optional_pkgconfig(RDMACM librdmacm librdmacm-dev)

configure_file(${CMAKE_SOURCE_DIR}/cmake/have.hpp.in ${CMAKE_BINARY_DIR}/generated/migbench_have.hpp)
target_include_directories(migbench_options INTERFACE ${CMAKE_BINARY_DIR}/generated)
