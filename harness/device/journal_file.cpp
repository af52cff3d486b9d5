#include "harness/device/journal_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/device/journal.hpp"

namespace migbench::device {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

void take_line(JournalRecord& record, const json& line) {
  if (line.contains("schema")) {
    if (line.at("schema") != kJournalSchema)
      throw InputError(fmt::format("it is of another version, {}", line.at("schema").dump()));
    record.pid = line.at("pid").get<int>();
    record.boot_id = line.at("boot_id").get<std::string>();
  } else if (line.contains("undone")) {
    const int number = line.at("undone").get<int>();
    const auto is_it = [&](const JournalEntry& entry) { return entry.number == number; };
    record.open.erase(std::remove_if(record.open.begin(), record.open.end(), is_it),
                      record.open.end());
  } else {
    record.open.push_back(
        {line.at("change").get<int>(),
         {line.at("kind").get<std::string>(), line.at("subject").get<std::string>()},
         line.at("before")});
  }
}

}  // namespace

void append_line(int file, const json& line) {
  const std::string text = line.dump() + "\n";
  if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw system_error("write the journal", "make room on its file system");
  if (::fdatasync(file) != 0) throw system_error("bring the journal to the disk");
}

void sync_directory(const fs::path& directory) {
  const UniqueFd file = open_or_throw(directory.string(), O_RDONLY | O_DIRECTORY);
  if (::fsync(file.get()) != 0) throw system_error("bring " + directory.string() + " to the disk");
}

JournalRecord read_journal(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  JournalRecord record;
  int number = 0;
  // What has no end of line was being written when its writer died.
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
       at = end + 1) {
    ++number;
    try {
      take_line(record, json::parse(text.substr(at, end - at)));
    } catch (const std::exception& wrong) {
      throw InputError(fmt::format("{}, line {}: {}; look at what it names by hand, then remove it",
                                   file.string(), number, wrong.what()));
    }
    record.whole_bytes = end + 1;
  }
  return record;
}

}  // namespace migbench::device
