// Images on their way from one node to the other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <poll.h>

#include "harness/migration/criu/channel.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {

/// The pages images of a dump as named pipes: what CRIU writes is sent on while it still dumps,
/// and never lies in a file here. CRIU writes each front to back and opens it once.
class PagePipes {
 public:
  /// In `directory`; the destination is told their names behind `prefix`. Throws Error.
  explicit PagePipes(const std::filesystem::path& directory, const std::string& prefix = "");

  /// Adds what is to be polled.
  void watch(std::vector<pollfd>& watched);
  /// Sends on what the polled pipes hold. Returns bytes. Throws like Channel::send.
  std::uint64_t forward(Channel& channel, const std::vector<pollfd>& watched,
                        std::int64_t deadline_ns, int cancel);
  /// Sends on all that is left; to be called when CRIU has closed them.
  std::uint64_t finish(Channel& channel, std::int64_t deadline_ns, int cancel);
  /// Takes their names away.
  void remove() const;

 private:
  struct Pipe {
    std::string name;  ///< as the destination is to know it
    UniqueFd reader;
    std::uint32_t number = 0;
    bool announced = false;
  };
  std::uint64_t drain(Pipe& pipe, Channel& channel, std::int64_t deadline_ns, int cancel,
                      bool to_the_end);
  std::filesystem::path directory_;
  std::vector<Pipe> pipes_;
  std::size_t first_watched_ = 0;
  std::string buffer_;
};

/// Sends every regular file of an image directory, its name behind `prefix`. Returns bytes.
std::uint64_t send_images(const std::filesystem::path& directory, const std::string& prefix,
                          Channel& channel, std::int64_t deadline_ns, int cancel);

/// Writes images as they come.
class ImageWriter {
 public:
  explicit ImageWriter(const Workspace& workspace) : workspace_(workspace) {}
  /// Takes Word::file and Word::data. Throws Error where there is no space left, or for a name that
  /// would lead out of the directory. Images of pre-dumps get directories of their own.
  void take(const Head& head, const std::string& body);
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  /// Leads CRIU from the dump's images to those of the last pre-dump. Nothing where there is none.
  void link_rounds() const;
  /// The image that CRIU's restore waits for, kept back until all others are there.
  [[nodiscard]] const std::string& inventory() const noexcept { return inventory_; }

 private:
  void make_round(int round);
  const Workspace& workspace_;
  std::map<std::uint32_t, UniqueFd> files_;
  std::uint32_t inventory_number_ = 0;
  int rounds_ = 0;
  std::string inventory_;
  std::uint64_t bytes_ = 0;
};

inline constexpr const char* kInventory = "inventory.img";

}  // namespace migbench::criu
