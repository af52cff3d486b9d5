#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "harness/site/local/local_site.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

void copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::copy(from, to,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing |
               fs::copy_options::copy_symlinks,
           error);
  if (error)
    throw Error(fmt::format("copy {} to {}: {}", from.string(), to.string(), error.message()));
}

/// Whether two paths are one and the same file already.
bool same_file(const fs::path& one, const fs::path& other) {
  std::error_code error;
  return fs::equivalent(one, other, error) && !error;
}

}  // namespace

void copy_unless_same(const fs::path& from, const fs::path& to) {
  if (!same_file(from, to)) copy_tree(from, to);
}

LocalNode::LocalNode(const LocalSite& site, NodeMade made)
    : site_(site),
      made_(std::move(made)),
      network_(open_or_throw(fmt::format("/proc/{}/ns/net", made_.pid), O_RDONLY)) {}

Command LocalNode::enter(const Command& command) const {
  return site_.enter(made_.plan.name, command);
}

fs::path LocalNode::path_from_here(const fs::path& inside) const {
  return fs::path(fmt::format("/proc/{}/root", made_.pid)) / inside.relative_path();
}

fs::path LocalNode::cgroup() const {
  return work_cgroup(site_.cgroup(), made_.plan.name);
}

// A node sees most of this machine's files at their own paths; /tmp, /run and /dev/shm are its own.
void LocalNode::copy_to(const fs::path& here, const fs::path& there) const {
  copy_unless_same(here, path_from_here(fs::absolute(there)));
}

void LocalNode::copy_from(const fs::path& there, const fs::path& here) const {
  copy_unless_same(path_from_here(fs::absolute(there)), here);
}

nlohmann::json LocalNode::facts() const {
  nlohmann::json host = host_facts();  // the same machine under another name
  host["hostname"] = name();
  return {{"name", name()}, {"address", address()}, {"virtual", true}, {"host", host}};
}

}  // namespace migbench
