#include "tests/pingpong/launch.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace migbench::pingpong {
namespace {

/// A directory that goes with the object.
class Scratch {
 public:
  Scratch() {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ =
      (std::filesystem::temp_directory_path() / "migbench-pingpong-XXXXXX").string();
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Launched launch(int ranks, const std::string& arguments, const std::string& program,
                const std::string& prefix) {
  const Scratch scratch;
  // More ranks than processors must yield, or a test with 4 ranks on 2 cores takes a minute. The
  // sanitizers are told about MPI: it keeps memory to the end, and is not built with them.
  const std::string command = fmt::format(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 ASAN_OPTIONS=detect_leaks=0 "
      "TSAN_OPTIONS=ignore_noninstrumented_modules=1 {} timeout -k 5 60 {} --oversubscribe "
      "--bind-to none --mca mpi_yield_when_idle 1 -np {} {} {} >{} 2>{} </dev/null",
      prefix, MPIRUN, ranks, program, arguments, scratch.file("out"), scratch.file("err"));
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(scratch.file("out")),
          text_of(scratch.file("err"))};
}

}  // namespace migbench::pingpong
