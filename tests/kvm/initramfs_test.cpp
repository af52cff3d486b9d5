// The initramfs: the same content gives the same bytes, and the kernel's format is kept.
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/guest/archive.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/tree.hpp"
#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"

namespace fs = std::filesystem;
using namespace migbench;
using namespace migbench::guest;

namespace {

struct Scratch {
  fs::path path = fs::temp_directory_path() / fmt::format("migbench-initramfs-{}", ::getpid());
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

void skip_without_archives() {
  if (const auto missing = archive_support()) skip_test(missing->reason + "; " + missing->remedy);
}

std::vector<TreeEntry> some_tree() {
  return complete_tree({{TreeEntry::Kind::file, "/b/two", {}, "2", 0644},
                        {TreeEntry::Kind::symlink, "/b/link", {}, "two", 0777},
                        {TreeEntry::Kind::file, "/a/deep/one", {}, "1", 0755}});
}

/// Eight hexadecimal digits of a newc header's field `index` (after the magic).
unsigned long field(const std::string& archive, std::size_t at, std::size_t index) {
  return std::stoul(archive.substr(at + 6 + 8 * index, 8), nullptr, 16);
}

}  // namespace

TEST_CASE("a tree is completed by its directories and sorted") {
  const auto tree = some_tree();
  std::vector<std::string> paths;
  for (const TreeEntry& entry : tree)
    paths.push_back(entry.path);
  CHECK(paths ==
        std::vector<std::string>{"/a", "/a/deep", "/a/deep/one", "/b", "/b/link", "/b/two"});
  CHECK(tree[0].kind == TreeEntry::Kind::directory);
}

TEST_CASE("the first of two entries of one path stays") {
  const auto tree = complete_tree({{TreeEntry::Kind::file, "/x", {}, "first", 0644},
                                   {TreeEntry::Kind::file, "/x", {}, "second", 0644}});
  REQUIRE(tree.size() == 1);
  CHECK(tree[0].text == "first");
}

TEST_CASE("an initramfs has the same bytes whenever and wherever it is made") {
  skip_without_archives();
  const Scratch scratch;
  const fs::path source = scratch.path / "source";
  write_initramfs(scratch.path / "1", some_tree());
  // Another time, another order, content from a file with another date.
  std::filesystem::copy_file(scratch.path / "1", source);
  auto tree = some_tree();
  std::reverse(tree.begin(), tree.end());
  write_initramfs(scratch.path / "2", complete_tree(tree));
  CHECK(read_file(scratch.path / "1") == read_file(scratch.path / "2"));

  auto other = some_tree();
  other.back().text = "3";
  write_initramfs(scratch.path / "3", other);
  CHECK(read_file(scratch.path / "1") != read_file(scratch.path / "3"));
}

TEST_CASE("a compressed initramfs is the plain one, packed") {
  skip_without_archives();
  const Scratch scratch;
  write_initramfs(scratch.path / "plain", some_tree());
  write_initramfs(scratch.path / "packed", some_tree(), Packing::zstd);
  const std::string packed = read_file(scratch.path / "packed");
  CHECK(packed.substr(0, 4) == "\x28\xb5\x2f\xfd");  // RFC 8878, 3.1.1
  CHECK(decompress(packed) == read_file(scratch.path / "plain"));
}

TEST_CASE("an initramfs is a cpio archive of format newc whose owners are root and times 0") {
  skip_without_archives();
  const Scratch scratch;
  write_initramfs(scratch.path / "1", some_tree());
  const std::string archive = read_file(scratch.path / "1");
  std::size_t at = 0;
  std::vector<std::string> names;
  for (;;) {
    REQUIRE(archive.substr(at, 6) ==
            "070701");  // Documentation/driver-api/early-userspace/buffer-format.rst
    const auto size = field(archive, at, 6);
    const auto name_size = field(archive, at, 11);
    const std::string name = archive.substr(at + 110, name_size - 1);
    if (name == "TRAILER!!!") break;
    names.push_back(name);
    CHECK(field(archive, at, 2) == 0);  // uid
    CHECK(field(archive, at, 3) == 0);  // gid
    CHECK(field(archive, at, 5) == 0);  // mtime
    if (name == "a/deep/one") {
      CHECK((field(archive, at, 1) & 07777U) == 0755);
      const std::size_t data = (at + 110 + name_size + 3) / 4 * 4;
      CHECK(archive.substr(data, size) == "1");
    }
    at = (at + 110 + name_size + 3) / 4 * 4;
    at = (at + size + 3) / 4 * 4;
  }
  CHECK(names == std::vector<std::string>{"a", "a/deep", "a/deep/one", "b", "b/link", "b/two"});
}

TEST_CASE("the loader's list is read, and a missing library is an error that names it") {
  const auto found = parse_loader_list(
      "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibm.so.6 => /lib/x/libm.so.6 (0x00007f1)\n"
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f2)\n",
      "prog");
  CHECK(found == std::vector<fs::path>{"/lib/x/libm.so.6", "/lib64/ld-linux-x86-64.so.2"});
  CHECK_THROWS_WITH(parse_loader_list("\tlibgone.so.3 => not found\n", "prog"),
                    Contains("libgone.so.3") && Contains("prog"));
}

TEST_CASE("a program comes with its libraries, its interpreter and the links on the way") {
  HostTree tree;
  tree.add_program("/bin/sh");
  std::vector<std::string> files;
  for (const TreeEntry& entry : tree.entries())
    files.push_back(entry.path);
  const auto has = [&](const std::string& part) {
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
      return file.find(part) != std::string::npos;
    });
  };
  CHECK(has("libc.so"));
  CHECK(has("ld-linux"));
  CHECK(tree.has(fs::canonical("/bin/sh")));
  // Every link leads to something that is in the tree, or to a directory.
  for (const TreeEntry& entry : tree.entries()) {
    if (entry.kind != TreeEntry::Kind::symlink) continue;
    const fs::path target = fs::canonical(entry.path);
    CHECK((tree.has(target) || fs::is_directory(target)));
  }
}

TEST_CASE("the cache makes a file once and leaves nothing half made") {
  const Scratch scratch;
  ::setenv("MIGBENCH_CACHE", scratch.path.c_str(), 1);
  int made = 0;
  const auto make = [&](const fs::path& path) {
    ++made;
    write_initramfs(path, {});
  };
  skip_without_archives();
  const fs::path first = cached("x/y", make);
  CHECK(cached("x/y", make) == first);
  CHECK(made == 1);
  CHECK_THROWS(cached("x/z", [](const fs::path& path) {
    write_initramfs(path, {});
    throw Error("broken");
  }));
  CHECK(std::distance(fs::directory_iterator(scratch.path / "x"), fs::directory_iterator()) == 1);
}
