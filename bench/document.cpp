#include "bench/document.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "bench/version.hpp"

namespace migbench {

void write_text(const std::filesystem::path& path, const std::string& text) {
  const auto fresh = std::filesystem::path(path.string() + fmt::format(".{}.new", ::getpid()));
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) throw system_error(fmt::format("cannot write {}", path.string()));
  const char* at = text.data();
  std::size_t left = text.size();
  bool good = true;
  while (left > 0) {
    const ssize_t written = ::write(file, at, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      good = false;
      break;
    }
    at += written;
    left -= static_cast<std::size_t>(written);
  }
  // Without this a power cut may leave an empty file under the new name.
  good = good && ::fsync(file) == 0;
  const auto failure =
      system_error(fmt::format("cannot write {}", path.string()), "is the disk full?");
  ::close(file);
  if (!good || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const auto renaming = system_error(fmt::format("cannot write {}", path.string()));
    ::unlink(fresh.c_str());
    throw good ? renaming : failure;
  }
}

void write_json(const std::filesystem::path& path, const nlohmann::json& document) {
  write_text(path, document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

nlohmann::json parse_json(const std::string& text, const std::string& origin, bool comments) {
  try {
    return nlohmann::json::parse(text, nullptr, true, comments);
  } catch (const nlohmann::json::parse_error& error) {
    const auto at = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const auto start = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const auto column = start == std::string::npos ? at + 1 : at - start;
    std::string what = error.what();
    if (const auto colon = what.find("syntax error"); colon != std::string::npos)
      what = what.substr(colon);
    throw InputError(fmt::format("{}:{}:{}: not valid JSON: {}", origin, line, column, what));
  }
}

nlohmann::json read_json(const std::filesystem::path& path, bool comments) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: cannot be read: is the path right?", path.string()));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw InputError(fmt::format("{}: cannot be read to its end", path.string()));
  return parse_json(text, path.string(), comments);
}

nlohmann::json driver_document(const std::string& program, const std::vector<std::string>& argv) {
  const ClockFacts clock = measure_clock();
  return {{"schema", "migbench-driver/1"},
          {"program", program},
          {"version", version()},
          {"commit", commit()},
          {"argv", argv},
          {"clock",
           {{"name", clock.name},
            {"resolution_ns", clock.resolution_ns},
            {"read_cost_ns", clock.read_cost_ns}}},
          {"host", host_facts()}};
}

}  // namespace migbench
