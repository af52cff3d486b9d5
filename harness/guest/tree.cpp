#include "harness/guest/tree.hpp"

#include <cstring>
#include <fstream>
#include <sstream>

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "bench/error.hpp"
#include "harness/guest/files.hpp"
#include "harness/site/process.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

/// What the file's program header names as its interpreter; the machine's own where it names none
/// (a shared library); empty for what is not a dynamic ELF file.
fs::path interpreter(const std::string& bytes) {
  if (bytes.size() < sizeof(Elf64_Ehdr) || bytes.compare(0, SELFMAG, ELFMAG) != 0) return {};
  Elf64_Ehdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  bool dynamic = false;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    if (at + sizeof(Elf64_Phdr) > bytes.size()) return {};
    Elf64_Phdr segment{};
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type == PT_INTERP && segment.p_offset + segment.p_filesz <= bytes.size()) {
      return std::string(bytes.c_str() + segment.p_offset);
    }
    dynamic = dynamic || segment.p_type == PT_DYNAMIC;
  }
  if (!dynamic) return {};
  static const fs::path own = interpreter(read_file("/proc/self/exe"));
  return own;
}

}  // namespace

std::vector<fs::path> parse_loader_list(std::string_view text, const fs::path& file) {
  std::vector<fs::path> found;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (const auto missing = line.find("=> not found"); missing != std::string::npos) {
      throw Error(fmt::format("{} needs the library {}, which is not on this machine",
                              file.string(), line.substr(0, missing)));
    }
    const auto start = line.find('/');
    const auto end = line.rfind(" (0x");
    if (start == std::string::npos || end == std::string::npos || end < start) continue;
    // "libm.so.6 => /lib/libm.so.6 (0x..)", or without an arrow where the name is a path.
    const auto arrow = line.find("=> ");
    const auto from = arrow == std::string::npos ? start : arrow + 3;
    found.emplace_back(line.substr(from, end - from));
  }
  return found;
}

std::vector<fs::path> needed_libraries(const fs::path& file) {
  const fs::path loader = interpreter(read_file(file));
  if (loader.empty()) return {};
  const Finished listed =
      run({{loader.string(), "--list", file.string()}}, std::chrono::seconds(10));
  if (!listed.ok() && listed.out.empty()) return {};  // "statically linked" and the like
  std::vector<fs::path> libraries = parse_loader_list(listed.out, file);
  libraries.push_back(loader);
  return libraries;
}

fs::path HostTree::resolve(const fs::path& path, int links_left) {
  if (links_left == 0) throw Error(fmt::format("{}: too many symbolic links", path.string()));
  fs::path walked = "/";
  for (auto part = std::next(path.begin()); part != path.end(); ++part) {
    walked /= *part;
    if (!fs::is_symlink(walked)) continue;
    const fs::path target = fs::read_symlink(walked);
    add_symlink(walked.string(), target.string());
    fs::path rest = (walked.parent_path() / target).lexically_normal();
    for (auto left = std::next(part); left != path.end(); ++left)
      rest /= *left;
    return resolve(rest, links_left - 1);
  }
  return walked;
}

bool HostTree::has(const fs::path& path) const {
  return known_.count(path.string()) != 0;
}

void HostTree::put(TreeEntry entry) {
  if (known_.insert(entry.path).second) entries_.push_back(std::move(entry));
}

void HostTree::add(const fs::path& path) {
  const fs::path real = resolve(fs::absolute(path).lexically_normal(), 20);
  if (has(real)) return;
  struct stat status {};
  if (::stat(real.c_str(), &status) != 0)
    throw system_error("put " + path.string() + " into a guest");
  if (S_ISDIR(status.st_mode)) {
    add_empty_directory(real.string());
    return;
  }
  const unsigned mode = (status.st_mode & 0111U) != 0 ? 0755 : 0644;
  put({TreeEntry::Kind::file, real.string(), real, "", mode});
}

void HostTree::add_program(const fs::path& path) {
  add(path);
  std::string first_line;
  std::getline(std::ifstream(path, std::ios::binary), first_line);
  if (first_line.rfind("#!", 0) == 0) {
    std::istringstream words(first_line.substr(2));
    std::string script_interpreter;
    words >> script_interpreter;
    if (!script_interpreter.empty() && !has(fs::canonical(script_interpreter)))
      add_program(script_interpreter);
    return;
  }
  for (const fs::path& library : needed_libraries(path))
    add(library);
}

void HostTree::add_directory(const fs::path& directory, bool programs,
                             const std::function<bool(const fs::path&)>& wanted) {
  std::error_code absent;
  for (const auto& entry : fs::recursive_directory_iterator(directory, absent)) {
    const std::string type = entry.path().extension();
    if (!entry.is_regular_file() || type == ".a" || type == ".la") continue;
    if (wanted && !wanted(entry.path())) continue;
    if (programs) {
      add_program(entry.path());
    } else {
      add(entry.path());
    }
  }
}

void HostTree::add_text(const std::string& path, std::string text, unsigned mode) {
  put({TreeEntry::Kind::file, path, {}, std::move(text), mode});
}

void HostTree::add_empty_directory(const std::string& path) {
  put({TreeEntry::Kind::directory, path});
}

void HostTree::add_symlink(const std::string& path, const std::string& target) {
  put({TreeEntry::Kind::symlink, path, {}, target, 0777});
}

}  // namespace migbench::guest
