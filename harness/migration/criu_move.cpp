#include "harness/migration/criu_move.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <poll.h>

#include "bench/clock.hpp"
#include "harness/migration/criu_agent_process.hpp"
#include "harness/migration/criu_phases.hpp"
#include "harness/migration/criu_subject.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/migration/pipe_limit.hpp"
#include "harness/programs.hpp"
#include "harness/site/local/local_site.hpp"

namespace migbench {
namespace {

/// Agents bring a move to a safe end by themselves when their deadline has passed; the harness
/// waits this much longer.
constexpr Nanoseconds kAgentsEnding = std::chrono::seconds(15);
constexpr Nanoseconds kPreparing = std::chrono::seconds(20);
/// A refusal that passes by itself is waited for so often and so long; TCP retransmits after 200 ms
/// and more.
constexpr std::size_t kMostAttempts = 8;
constexpr Nanoseconds kBetweenAttempts = std::chrono::milliseconds(300);

std::string make_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

/// A name for a move's images on a shared file system.
std::string make_shared_name(const std::string& instance, const std::string& token) {
  return fmt::format("criu-{}-{}", instance, token.substr(0, 8));
}

/// CRIU lets the workload go on before the pages are written, which it has in pipes meanwhile.
bool holds_pages_in_pipes(const CriuMoveOptions& options) {
  return options.lazy || options.rounds > 0;
}

class CriuMove : public Migration {
 public:
  CriuMove(const MoveRequest& request, const CriuMoveOptions& options)
      : request_(request), name_(request.instance->name()), options_(options) {
    if (holds_pages_in_pipes(options)) limit_.emplace(kPagePipeBytes);
    prepare();
  }

  [[nodiscard]] MoveResult move() override {
    const std::int64_t request_ns = deadline_now_ns();
    const std::int64_t until = request_ns + request_.deadline.count();
    std::vector<Phase> refused;
    for (;;) {
      MoveResult result = attempt(Nanoseconds{until - deadline_now_ns()});
      const bool again = !result.moved && is_passing(result.reason) &&
                         refused.size() + 1 < kMostAttempts &&
                         deadline_now_ns() + kBetweenAttempts.count() < until;
      if (again) {
        refused.push_back({.name = "refused",
                           .start_ns = result.request_ns,
                           .end_ns = result.done_ns,
                           .details = {{"reason", result.reason}}});
        if (prepare_again(result)) continue;
      }
      result.request_ns = request_ns;
      result.facts["attempts"] = refused.size() + 1;
      result.phases.insert(result.phases.begin(), refused.begin(), refused.end());
      return result;
    }
  }

 private:
  /// CRIU cannot save a TCP connection whose peer has acknowledged a part of a packet (the send
  /// queue then begins before what is unacknowledged, and it finds more than it wants). That is
  /// over with the next retransmission.
  static bool is_passing(const std::string& reason) {
    return reason.find("libsoccr_save() failed") != std::string::npos;
  }

  /// False where that fails; the result says why.
  bool prepare_again(MoveResult& result) {
    try {
      prepare();
    } catch (const Error& error) {
      result.reason += fmt::format("; and to try again failed: {}", error.what());
      return false;
    }
    std::this_thread::sleep_for(kBetweenAttempts);
    return true;
  }

  void prepare() {
    source_.reset();
    destination_.reset();
    subject_.reset();
    subject_ = criu_subject(request_);
    const std::int64_t prepared_by = deadline_now_ns() + kPreparing.count();
    const Command agent{
        .argv = {find_program("migbench-criu-agent").string()}, .env = {}, .directory = "/"};
    criu::AgentSettings settings = common_settings();
    subject_->fill_destination(settings);
    const std::string address = settings.listen;
    destination_.emplace("destination", subject_->at_destination(agent), settings);
    const int port = destination_->expect("ready", prepared_by).at("port");

    settings = common_settings();
    subject_->fill_source(settings);
    settings.peer = address;
    settings.peer_port = port;
    source_.emplace("source", subject_->at_source(agent), settings);
    (void)source_->expect("ready", prepared_by);
    (void)destination_->expect("connected", prepared_by);
  }

  MoveResult attempt(Nanoseconds deadline) {
    MoveResult result;
    result.request_ns = deadline_now_ns();
    source_->tell("go");
    follow(result.request_ns + deadline.count() + kAgentsEnding.count());
    settle(result);
    result.done_ns = deadline_now_ns();
    result.phases = criu_phases(*source_, *destination_, options_.lazy);
    result.facts = facts();
    return result;
  }

  [[nodiscard]] criu::AgentSettings common_settings() const {
    criu::AgentSettings settings;
    settings.criu = criu_supply().program.string();
    settings.token = token_;
    settings.image_directory = options_.shared_images             ? subject_->shared().string()
                               : options_.image_directory.empty() ? "/dev/shm"
                                                                  : options_.image_directory;
    if (options_.shared_images) settings.shared_images = make_shared_name(name_, token_);
    settings.lazy = options_.lazy;
    settings.rounds = options_.rounds;
    settings.threshold = options_.threshold.count;
    settings.deadline = request_.deadline;
    return settings;
  }

  /// Until both agents have ended.
  void follow(std::int64_t until) {
    bool told = false;
    while (!source_->gone() || !destination_->gone()) {
      std::array<pollfd, 2> watched{
          pollfd{source_->gone() ? -1 : source_->descriptor(), POLLIN, 0},
          pollfd{destination_->gone() ? -1 : destination_->descriptor(), POLLIN, 0}};
      const std::int64_t left = (until - deadline_now_ns()) / 1'000'000;
      if (left <= 0 || ::poll(watched.data(), watched.size(), static_cast<int>(left)) == 0) {
        if (told) return;
        told = true;
        until += kAgentsEnding.count();
        source_->hang_up();
        destination_->hang_up();
        continue;
      }
      if (watched[0].revents != 0) (void)source_->listen();
      if (watched[1].revents == 0) continue;
      for (const auto& event : destination_->listen()) {
        // The connection broke: only here is known what the source had decided.
        if (event.value("event", "") == "in-doubt") resolve();
      }
    }
  }

  /// Whether the source's copy is dead is known when its agent has said what became of it.
  void resolve() {
    while (!source_->gone() && source_->find("committed") == nullptr &&
           source_->find("aborted") == nullptr)
      (void)source_->listen();
    destination_->tell(source_->find("committed") != nullptr ? "commit" : "abort");
  }

  void settle(MoveResult& result) {
    if (const auto* resumed = destination_->find("resumed")) {
      subject_->adopt(resumed->at("pid").get<pid_t>());
      if (const auto* lost = destination_->find("lost"))
        throw Error(fmt::format("{}: {}", name_, lost->value("reason", "")));
      return;
    }
    result.moved = false;
    result.reason = reason();
    if (source_->find("committed") != nullptr)
      throw Error(fmt::format("{}: the workload was lost: {}", name_, result.reason));
    if (const auto* aborted = source_->find("aborted");
        aborted != nullptr && !aborted->value("running", false))
      throw Error(fmt::format("{}: the workload does not run any more: {}", name_, result.reason));
  }

  /// The side that gave up first knows why.
  [[nodiscard]] std::string reason() const {
    const nlohmann::json* first = nullptr;
    for (const CriuAgentProcess* agent : {&*source_, &*destination_}) {
      for (const char* event : {"aborted", "failed", "lost"}) {
        const auto* said = agent->find(event);
        if (said != nullptr && (first == nullptr || said->at("at") < first->at("at"))) first = said;
      }
    }
    return first == nullptr ? "an agent ended without a word" : first->value("reason", "");
  }

  [[nodiscard]] nlohmann::json facts() const {
    const auto statistics = [](const CriuAgentProcess& agent) {
      const auto* done = agent.find("done");
      return done == nullptr ? nlohmann::json() : done->value("statistics", nlohmann::json());
    };
    return {
        {"criu", {{"program", criu_supply().program.string()}, {"version", criu_supply().version}}},
        {"images", options_.shared_images ? "shared" : "network"},
        {"dump", statistics(*source_)},
        {"restore", statistics(*destination_)},
        {"source_events", source_->events()},
        {"destination_events", destination_->events()}};
  }

  MoveRequest request_;
  std::string name_;
  CriuMoveOptions options_;
  std::optional<PipeLimit> limit_;
  std::string token_ = make_token();
  std::unique_ptr<CriuSubject> subject_;
  std::optional<CriuAgentProcess> destination_;
  std::optional<CriuAgentProcess> source_;
};

}  // namespace

CriuMoveOptions criu_move_options(const nlohmann::json& parameters) {
  CriuMoveOptions options;
  const auto text = [&parameters](const char* name, const char* otherwise) {
    const auto value = parameters.value(name, nlohmann::json(otherwise));
    if (!value.is_string()) throw InputError(fmt::format("{}: a text is needed", name));
    return value.get<std::string>();
  };
  const std::string images = text("images", "network");
  if (images != "network" && images != "shared")
    throw InputError(fmt::format("images: 'network' or 'shared' is needed, not '{}'", images));
  options.shared_images = images == "shared";
  options.image_directory = text("image_directory", "");
  if (!options.image_directory.empty() && options.image_directory.front() != '/')
    throw InputError("image_directory: an absolute path on the nodes is needed");
  return options;
}

Support check_criu_move(const Site* site) {
  if (site != nullptr && as_local(site) == nullptr) {
    return Unsupported{.reason = "containers are moved between virtual nodes only",
                       .remedy = "use a site of the kind \"local\""};
  }
  return criu_supply().why;
}

std::unique_ptr<Migration> prepare_criu_move(const MoveRequest& request,
                                             const CriuMoveOptions& options) {
  return std::make_unique<CriuMove>(request, options);
}

}  // namespace migbench
