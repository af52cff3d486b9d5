#include "harness/migration/criu/report.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/migration/criu/proto.hpp"

namespace migbench::criu {
namespace {

/// IMG_SERVICE_MAGIC and STATS_MAGIC of CRIU's magic.h.
constexpr std::uint32_t kServiceMagic = 0x55105940;
constexpr std::uint32_t kStatsMagic = 0x57093306;

constexpr std::array<const char*, 15> kDumpFields{"",
                                                  "freezing_time",
                                                  "frozen_time",
                                                  "memdump_time",
                                                  "memwrite_time",
                                                  "pages_scanned",
                                                  "pages_skipped_parent",
                                                  "pages_written",
                                                  "irmap_resolve",
                                                  "pages_lazy",
                                                  "page_pipes",
                                                  "page_pipe_bufs",
                                                  "shpages_scanned",
                                                  "shpages_skipped_parent",
                                                  "shpages_written"};
constexpr std::array<const char*, 6> kRestoreFields{
    "", "pages_compared", "pages_skipped_cow", "forking_time", "restore_time", "pages_restored"};

template <std::size_t N>
nlohmann::json read_entry(std::string_view bytes, const std::array<const char*, N>& names) {
  nlohmann::json entry = nlohmann::json::object();
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->field > 0 && field->field < N) entry[names.at(field->field)] = field->number;
  }
  return entry;
}

/// Said on every run where a right is missing; nothing comes of it.
bool harmless(const std::string& line) {
  return line.find("Can't setup RLIMIT_NOFILE") != std::string::npos;
}

}  // namespace

std::string log_errors(const std::filesystem::path& log) {
  constexpr std::size_t kMost = 3;
  std::ifstream file(log);
  std::vector<std::string> found;
  for (std::string line; std::getline(file, line) && found.size() < kMost;) {
    const auto at = line.find("Error (");
    if (at != std::string::npos && !harmless(line)) found.push_back(line.substr(at));
  }
  if (found.empty()) return fmt::format("it said nothing ({})", log.string());
  return fmt::format("{}", fmt::join(found, "; "));
}

nlohmann::json read_statistics(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return nullptr;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // Two magic numbers, the size of the entry, the entry.
  std::array<std::uint32_t, 3> head{};
  if (text.size() < sizeof head) throw Error(path.string() + ": too short for CRIU's statistics");
  std::memcpy(head.data(), text.data(), sizeof head);
  if (head[0] != kServiceMagic || head[1] != kStatsMagic || head[2] != text.size() - sizeof head)
    throw Error(path.string() + ": these are no statistics of CRIU");
  ProtoReader reader(std::string_view(text).substr(sizeof head));
  while (const auto field = reader.next()) {
    if (field->field == 1) return read_entry(field->bytes, kDumpFields);
    if (field->field == 2) return read_entry(field->bytes, kRestoreFields);
  }
  return nullptr;
}

}  // namespace migbench::criu
