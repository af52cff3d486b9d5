// What both sides of a measurement must agree on: the client decides, the server is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/units.hpp"

namespace migbench::verbs {

enum class Mode { latency, bandwidth };
enum class Operation { write, read, write_imm, send };
enum class Transport { rc, uc, ud };
enum class Connection { tcp, cm };
enum class Completion { polling, events };

[[nodiscard]] std::string_view name(Mode mode);
[[nodiscard]] std::string_view name(Operation operation);  ///< "write", "read", "write-imm", "send"
[[nodiscard]] std::string_view name(Transport transport);
[[nodiscard]] std::string_view name(Connection connection);
[[nodiscard]] std::string_view name(Completion completion);

/// The value of that name. Throws InputError that lists the names there are.
template <class Enum>
[[nodiscard]] Enum parse_name(std::string_view text);

/// How a service is asked for where nothing is said.
struct Settings {
  Mode mode = Mode::latency;
  Operation operation = Operation::write;
  Transport transport = Transport::rc;
  Connection connection = Connection::tcp;
  Completion completion = Completion::polling;
  std::vector<Bytes> sizes{};
  int depth = 128;                    ///< operations on their way on each queue pair
  int receive_depth = 512;            ///< receives posted on each
  int qps = 1;                        ///< queue pairs, used in turn
  int signal_every = 0;               ///< bandwidth: a completion each so many; 0: by size
  bool shared_receive_queue = false;  ///< one receive queue for all queue pairs
  std::optional<int> inline_bytes{};  ///< none: usual_inline(), or as much as the device has
  std::optional<int> mtu{};           ///< bytes; none: what both ports have
  int service_level = 0;
  bool bidirectional = false;
  int validate = 4;  ///< rounds with checked contents before each size
  Nanoseconds deadline{std::chrono::seconds{10}};  ///< without any progress: then it is an error
};

/// Whether the receiver of this operation gets a completion, and so has to post receives.
[[nodiscard]] constexpr bool receives(Operation operation) {
  return operation == Operation::send || operation == Operation::write_imm;
}

/// Receives and sends beyond those of the data: for the credits that a stream's receiver returns.
[[nodiscard]] constexpr int spare_work(const Settings& settings) {
  return settings.mode == Mode::bandwidth && receives(settings.operation) ? 16 : 0;
}

/// One message is on its way when latency is measured, and the queue has room for no more, as that
/// of perftest's latency programs: a queue's memory is gone through in turn, however few are in it.
[[nodiscard]] constexpr int usual_depth(Mode mode) {
  return mode == Mode::latency ? 1 : 128;
}

/// What perftest's latency programs ask for, too (DEF_INLINE_* in perftest_parameters.h): more
/// costs more than it brings on the usual cards.
[[nodiscard]] constexpr int usual_inline(const Settings& settings) {
  if (settings.operation != Operation::send) return 220;
  return settings.transport == Transport::ud ? 188 : 236;
}

/// How long a side that has nothing to do waits for the other's word: that one is busy, and takes
/// care of the deadline itself. A peer that is gone is noticed at once.
[[nodiscard]] constexpr Nanoseconds patience(const Settings& settings) {
  return 10 * settings.deadline;
}

/// Throws InputError for a combination that does not exist (a read over UD, say).
void check_settings(const Settings& settings);

/// Signalled operations of a size: the last of each group has a completion.
[[nodiscard]] int group_of(const Settings& settings, Bytes size);
/// Operations on their way on one queue pair, a multiple of the group: at most `depth`, and for
/// large messages no more than keep the device busy (4 MiB, two messages).
[[nodiscard]] int window_of(const Settings& settings, Bytes size);

[[nodiscard]] nlohmann::json to_json(const Settings& settings);
/// Throws Error where it is no Settings of this version.
[[nodiscard]] Settings settings_from_json(const nlohmann::json& object);

}  // namespace migbench::verbs
