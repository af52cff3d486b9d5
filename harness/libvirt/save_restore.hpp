// Cold migration: save to a file, restore from it at the other node.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/libvirt/transfer.hpp"

namespace migbench::libvirt {

/// "save_directory": seen by both nodes, the site's scratch directory by default; "bypass_cache":
/// write past the page cache; "timeout".
[[nodiscard]] std::vector<std::string_view> save_parameters();

class SaveRestore final : public Migration {
 public:
  explicit SaveRestore(const MoveRequest& request);
  ~SaveRestore() override;
  SaveRestore(const SaveRestore&) = delete;
  SaveRestore& operator=(const SaveRestore&) = delete;
  [[nodiscard]] MoveResult move() override;

 private:
  [[nodiscard]] bool save(Domain& domain, MoveResult& result) const;
  void restore(const Connection& source, const Connection& destination, MoveResult& result) const;

  Machine& machine_;
  Node& source_;
  Node& destination_;
  std::shared_ptr<Connection> at_source_;
  std::shared_ptr<Connection> at_destination_;
  std::filesystem::path file_;
  unsigned flags_ = 0;
  Nanoseconds timeout_;
};

}  // namespace migbench::libvirt
