// Changes of this machine's devices, written to disk before each is made, so that they can be
// undone whatever happens: by the object's end, by the next start after a crash, or by `migbench
// repair`.
//
// A journal is a file of JSON lines, one for each change with how it was before, and one for each
// that was undone. A line that a crash cut off says nothing: its change had not begun. Undoing
// looks at how things are now, so that it can be cut off and repeated at any point.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/device/setting.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench::device {

/// $MIGBENCH_JOURNAL_DIR, else /var/lib/migbench/journal, and where that cannot be written (a
/// system from a read-only file system) /run/migbench/journal. All that may have journals, the one
/// for new ones first.
[[nodiscard]] std::vector<std::filesystem::path> journal_directories();

struct JournalEntry {
  int number = 0;
  Setting setting;
  nlohmann::json before;
};

/// What is in a journal's file.
struct JournalRecord {
  int pid = 0;
  std::string boot_id{};
  std::vector<JournalEntry> open{};  ///< not undone yet, in the order of their changes
  std::size_t whole_bytes = 0;       ///< without a line that was cut off
};

/// Throws InputError where a whole line makes no sense.
[[nodiscard]] JournalRecord read_journal(const std::filesystem::path& file);

/// What is being undone, one line each.
using Say = std::function<void(const std::string&)>;

class Journal {
 public:
  /// Throws Error where the directory cannot be written.
  Journal(Kernel& kernel, const std::filesystem::path& directory);
  /// Undoes what undo() has not; a failure is said on standard error, and the file stays.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Writes down how the setting is, then sets it. Throws Error; what was written down is then
  /// undone as if it had been changed.
  void change(const Setting& setting, const nlohmann::json& value);
  /// Writes down how the setting is, since somebody else (libvirt) is going to change it.
  void note(const Setting& setting);
  /// In reverse order. False where something could not be undone; the rest is.
  [[nodiscard]] bool undo(const Say& say);
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return path_; }

 private:
  Kernel& kernel_;
  std::filesystem::path path_;
  UniqueFd file_;
  int count_ = 0;
};

/// What came of repair().
struct Repaired {
  int undone = 0;              ///< journals
  int failed = 0;              ///< journals that could not be undone wholly
  std::vector<int> held_by{};  ///< processes that live and use their journals: left alone
};

/// Undoes the journals of processes that are dead.
[[nodiscard]] Repaired repair(Kernel& kernel, const std::vector<std::filesystem::path>& directories,
                              const Say& say);

/// Subjects of journals that living processes hold.
[[nodiscard]] std::set<std::string> held_subjects(
    const std::vector<std::filesystem::path>& directories);

/// Held while a device is chosen and while journals are looked at: two processes do not choose the
/// same one. Waits for the other.
[[nodiscard]] UniqueFd lock_directory(const std::filesystem::path& directory);

}  // namespace migbench::device
