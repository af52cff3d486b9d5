// The search engine: Debian's ncbi-blast+, run as it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "apps/blast/fasta.hpp"

namespace migbench::blast {

/// Runs a tool to its end and gives its standard output. Throws Error with the end of its standard
/// error, or with the package to install where it is not there.
std::string run_tool(const std::vector<std::string>& argv);

/// One search that goes on while the caller does other things. Ended with its object, and with the
/// process.
class Search {
 public:
  explicit Search(std::vector<std::string> argv);
  ~Search();
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  Search(Search&&) = delete;
  Search& operator=(Search&&) = delete;

  /// Reads what has come and says whether it has ended; waits `milliseconds` at the most.
  [[nodiscard]] bool poll(int milliseconds);
  /// Standard output, once poll() said that it has ended. Throws Error where the engine failed.
  [[nodiscard]] std::string take_output();

 private:
  bool drain(int descriptor, std::string& into) const;

  std::vector<std::string> argv_;
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  int status_ = 0;
  std::string output_;
  std::string errors_;
};

struct EngineOptions {
  std::string program = "blastn";  ///< "blastn" or "blastp"
  double evalue = 10;
  unsigned max_target_seqs = 500;
  std::vector<std::string> further{};  ///< options of the engine as they are, "-task", "blastn" ...
};

/// Throws InputError for a program that is not known, or a further option that migbench itself has
/// to set.
void check(const EngineOptions& options, Molecule molecule);

/// The command that searches one batch of queries in one fragment (or any database); prints
/// kColumns.
[[nodiscard]] std::vector<std::string> search_command(const EngineOptions& options,
                                                      const std::filesystem::path& database,
                                                      const std::filesystem::path& queries);

/// The twelve columns of the tabular format and, last, the raw score, which orders subjects where
/// the rounded bit score cannot.
inline constexpr const char* kColumns =
    "6 qseqid sseqid pident length mismatch gapopen qstart qend sstart send evalue bitscore score";

/// Roughly how long one engine searches, without its start: letters x letters by the speed of its
/// task on the machine where that was measured. Good enough to choose the size of tasks.
[[nodiscard]] double expected_seconds(const EngineOptions& options, std::size_t query_letters,
                                      std::uint64_t database_letters);

/// Where PATH has it; empty where it does not.
[[nodiscard]] std::filesystem::path tool_path(const std::string& tool);

/// "2.12.0+", as `blastn -version` says; nothing where it is not installed.
[[nodiscard]] std::optional<std::string> engine_version(const std::string& program);

}  // namespace migbench::blast
