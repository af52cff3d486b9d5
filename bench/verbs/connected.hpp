// Two endpoints whose queue pairs are connected: by an exchange over TCP, or by librdmacm.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/verbs/control.hpp"
#include "bench/verbs/endpoint.hpp"

namespace migbench::verbs {

enum class Side { client, server };

/// What only this side knows.
struct LocalChoice {
  DeviceChoice device{};
  std::optional<Bytes> huge_pages{};
};

/// The connection manager's part; empty where TCP alone is used.
struct CmParts {
  CmChannel channel{};
  CmId listener{};
  std::vector<CmId> ids{};
};

class Connected {
 public:
  /// Both sides call it at the same time. Throws Error, or InputError for what a device or port
  /// does not have.
  Connected(const Settings& settings, const LocalChoice& choice, Control& control, Side side);
  ~Connected();
  Connected(const Connected&) = delete;
  Connected& operator=(const Connected&) = delete;
  Connected(Connected&&) = delete;
  Connected& operator=(Connected&&) = delete;

  [[nodiscard]] Endpoint& endpoint() noexcept { return *endpoint_; }
  [[nodiscard]] Control& control() noexcept { return control_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Side side() const noexcept { return side_; }
  /// {"device", "endpoint", "path_mtu"} of this side and of the peer.
  [[nodiscard]] const nlohmann::json& facts() const noexcept { return facts_; }
  [[nodiscard]] const nlohmann::json& peer_facts() const noexcept { return peer_facts_; }

  /// Waits until the peer is here, too.
  void meet();

 private:
  void connect_by_exchange(const LocalChoice& choice);
  void connect_by_cm(const LocalChoice& choice);
  void exchange_memory();

  const Settings& settings_;
  Control& control_;
  Side side_;
  CmParts cm_;
  std::unique_ptr<Endpoint> endpoint_;
  nlohmann::json facts_;
  nlohmann::json peer_facts_;
};

}  // namespace migbench::verbs
