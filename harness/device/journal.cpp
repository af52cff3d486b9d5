#include "harness/device/journal.hpp"

#include <cstdlib>
#include <exception>

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/device/journal_file.hpp"

namespace migbench::device {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

bool writable(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  return ::access(directory.c_str(), W_OK) == 0;
}

/// Whether nothing (more) is to be done for it.
bool is_undone(const Kernel& kernel, const JournalEntry& entry) {
  const auto now = current(kernel, entry.setting);
  return !now || *now == entry.before;
}

/// Empty: done. Else why not.
std::string undo_entry(Kernel& kernel, const JournalEntry& entry, const Say& say) {
  try {
    if (is_undone(kernel, entry)) return "";
    const json now = *current(kernel, entry.setting);
    set(kernel, entry.setting, entry.before);
    say(fmt::format("{} {}: {} -> {}", entry.setting.kind, entry.setting.subject, now.dump(),
                    entry.before.dump()));
    return "";
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

/// The rest is undone also where one fails, and that is then tried again: what a VF's driver
/// refused is no matter any more when the VFs are gone, and two interfaces that came back with each
/// other's names are only right when both have been renamed.
bool undo_open(Kernel& kernel, int file, const JournalRecord& record, const Say& say) {
  std::vector<const JournalEntry*> failed;
  for (auto entry = record.open.rbegin(); entry != record.open.rend(); ++entry) {
    if (!undo_entry(kernel, *entry, say).empty()) {
      failed.push_back(&*entry);
    } else {
      append_line(file, {{"undone", entry->number}});
    }
  }
  bool all = true;
  for (const JournalEntry* entry : failed) {
    if (const std::string still = undo_entry(kernel, *entry, say); still.empty()) {
      append_line(file, {{"undone", entry->number}});
    } else {
      all = false;
      say(fmt::format("{} {} could not be set to {}: {}", entry->setting.kind,
                      entry->setting.subject, entry->before.dump(), still));
    }
  }
  return all;
}

std::vector<fs::path> journals_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".journal") files.push_back(entry->path());
  }
  return files;
}

bool lock(int file) {
  return ::flock(file, LOCK_EX | LOCK_NB) == 0;
}

void repair_one(Kernel& kernel, const fs::path& path, Repaired& result, const Say& say) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!file) throw system_error("open " + path.string(), "run as root");
  const bool dead = lock(file.get());
  const JournalRecord record = read_journal(path);
  if (!dead) {
    result.held_by.push_back(record.pid);
    return;
  }
  const bool before_boot = !record.boot_id.empty() && record.boot_id != kernel.boot_id();
  if (before_boot) {
    say(fmt::format("{}: the machine was booted since, nothing of it is left", path.string()));
  } else {
    if (::ftruncate(file.get(), static_cast<off_t>(record.whole_bytes)) != 0)
      throw system_error("cut " + path.string());
    if (!undo_open(kernel, file.get(), record, say)) {
      ++result.failed;
      return;
    }
  }
  fs::remove(path);
  ++result.undone;
}

}  // namespace

std::vector<fs::path> journal_directories() {
  const char* given = std::getenv("MIGBENCH_JOURNAL_DIR");
  if (given != nullptr && *given != '\0') return {fs::path(given)};
  const fs::path lasting = "/var/lib/migbench/journal";
  const fs::path running = "/run/migbench/journal";
  if (writable(lasting)) return {lasting, running};
  return {running, lasting};
}

Journal::Journal(Kernel& kernel, const fs::path& directory) : kernel_(kernel) {
  if (!writable(directory)) {
    throw Error(
        fmt::format("{} cannot be written: changes of devices are written down there first; "
                    "run as root, or set MIGBENCH_JOURNAL_DIR",
                    directory.string()));
  }
  // Under another name until it is locked and says whose it is: a repair at the same time must not
  // take it for a dead one's.
  const fs::path unborn = directory / fmt::format("{}.new", ::getpid());
  file_ = open_or_throw(unborn.string(), O_RDWR | O_APPEND | O_CREAT | O_TRUNC, 0600);
  if (!lock(file_.get())) throw system_error("lock " + unborn.string());
  append_line(file_.get(),
              {{"schema", kJournalSchema}, {"pid", ::getpid()}, {"boot_id", kernel.boot_id()}});
  for (int i = 0; path_.empty() || fs::exists(path_); ++i)
    path_ = directory / fmt::format("{}-{}.journal", ::getpid(), i);
  fs::rename(unborn, path_);
  sync_directory(directory);
}

Journal::~Journal() {
  if (!file_) return;
  try {
    const auto tell = [](const std::string& line) {
      if (line.find("could not") != std::string::npos) fmt::print(stderr, "migbench: {}\n", line);
    };
    if (!undo(tell))
      fmt::print(stderr, "migbench: try `migbench repair`; {} stays\n", path_.string());
  } catch (const std::exception& failed) {
    fmt::print(stderr, "migbench: undo {}: {}\n", path_.string(), failed.what());
  }
}

void Journal::note(const Setting& setting) {
  const auto before = current(kernel_, setting);
  if (!before) {
    throw Error(
        fmt::format("the {} of {} cannot be read: it is not there", setting.kind, setting.subject));
  }
  append_line(file_.get(), {{"change", count_},
                            {"kind", setting.kind},
                            {"subject", setting.subject},
                            {"before", *before}});
  ++count_;
}

void Journal::change(const Setting& setting, const json& value) {
  note(setting);
  set(kernel_, setting, value);
}

bool Journal::undo(const Say& say) {
  if (!file_) return true;
  if (!undo_open(kernel_, file_.get(), read_journal(path_), say)) return false;
  fs::remove(path_);
  file_.reset();
  return true;
}

Repaired repair(Kernel& kernel, const std::vector<fs::path>& directories, const Say& say) {
  Repaired result;
  for (const fs::path& directory : directories) {
    if (!fs::is_directory(directory)) continue;
    // Only root can have written journals, and only root can undo them.
    if (journals_in(directory).empty()) continue;
    const UniqueFd held = lock_directory(directory);
    for (const fs::path& file : journals_in(directory)) {
      try {
        repair_one(kernel, file, result, say);
      } catch (const std::exception& failed) {
        say(fmt::format("{}: {}", file.string(), failed.what()));
        ++result.failed;
      }
    }
  }
  return result;
}

std::set<std::string> held_subjects(const std::vector<fs::path>& directories) {
  std::set<std::string> subjects;
  for (const fs::path& directory : directories) {
    for (const fs::path& path : journals_in(directory)) {
      const UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
      if (!file || lock(file.get())) continue;
      for (const JournalEntry& entry : read_journal(path).open)
        subjects.insert(entry.setting.subject);
    }
  }
  return subjects;
}

UniqueFd lock_directory(const fs::path& directory) {
  if (!writable(directory)) {
    throw Error(fmt::format("{} cannot be written: run as root, or set MIGBENCH_JOURNAL_DIR",
                            directory.string()));
  }
  UniqueFd file = open_or_throw((directory / "lock").string(), O_RDWR | O_CREAT, 0600);
  if (::flock(file.get(), LOCK_EX) != 0) throw system_error("lock " + directory.string());
  return file;
}

}  // namespace migbench::device
