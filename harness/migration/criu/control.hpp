// The line between the harness and an agent: one JSON object a line on the agent's standard input
// and output.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace migbench::criu {

class Control {
 public:
  /// Reads from `in` and writes to `out`; closes neither.
  Control(int in, int out) noexcept : in_(in), out_(out) {}

  /// Readable when there may be a line.
  [[nodiscard]] int descriptor() const noexcept { return in_; }
  /// Reads what there is; true where a whole line waits in next() or the other side has gone.
  void read_some();
  /// The next whole line. Throws Error for one that is no JSON object.
  [[nodiscard]] std::optional<nlohmann::json> next();
  /// Waits for a line, or for the end: nothing.
  [[nodiscard]] std::optional<nlohmann::json> wait(std::int64_t deadline_ns);
  /// Whether the other side has gone (end of file).
  [[nodiscard]] bool gone() const noexcept { return gone_; }
  /// Says `event`, with "at", the deadline clock. A side that has gone hears nothing and that is no
  /// error: an agent goes on to a safe end without it.
  void say(nlohmann::json event);

 private:
  int in_;
  int out_;
  bool gone_ = false;
  std::string text_;
};

}  // namespace migbench::criu
