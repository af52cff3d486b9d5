// A container on a site of two nodes with a memory-writer in it, to be moved.
#pragma once

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"
#include "harness/site/local/local_site.hpp"
#include "tests/site/local_fixture.hpp"

namespace migbench {

inline Finished on(const Place& place, std::vector<std::string> argv) {
  return place.run({.argv = std::move(argv), .env = {}, .directory = "/"},
                   std::chrono::seconds(20));
}

inline const Technique& technique_or_skip(const char* name) {
  const Technique& technique = Registry<Technique>::instance().at(name, "technique");
  if (const auto no = technique.check(nullptr)) skip_test(no->reason + "; " + no->remedy);
  return technique;
}

struct MovedWriter {
  explicit MovedWriter(const char* technique_name, const char* environment = "container",
                       const char* memory = "16MiB")
      : technique(technique_or_skip(technique_name)),
        site(local_site({{"nodes", 2}})),
        instance(Registry<Environment>::instance()
                     .at(environment, "environment")
                     .bring_up(*site,
                               {.name = "c1", .node = site->nodes()[0].get(), .parameters = {}})) {
    const auto ready = site->scratch() / "ready";
    writer.emplace(instance->start(
        {.argv = {find_program("migbench-memory-writer").string(), "--memory", memory, "--rate",
                  "20MB", "--duration", "1h", "--ready", ready.string(), "--json", "-"},
         .env = {},
         .directory = "/"}));
    const auto until = deadline_now_ns() + 30'000'000'000;
    while (!std::filesystem::exists(ready) && deadline_now_ns() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    REQUIRE(std::filesystem::exists(ready));
  }

  [[nodiscard]] Node& node(std::size_t i) const { return *site->nodes()[i]; }

  [[nodiscard]] MoveRequest request(std::size_t destination,
                                    const nlohmann::json& parameters = nlohmann::json::object(),
                                    Nanoseconds deadline = std::chrono::seconds(60)) const {
    return {.site = site.get(),
            .instance = instance.get(),
            .destination = &node(destination),
            .parameters = parameters,
            .deadline = deadline};
  }

  /// Live writers on a node: running or sleeping, not stopped, traced or dead.
  [[nodiscard]] int live(std::size_t i) const {
    const Finished said =
        on(node(i), {"sh", "-c",
                     "n=0; for p in /proc/[0-9]*; do "
                     "read -r name <$p/comm && [ \"$name\" = migbench-memory ] && "
                     "case $(sed 's/.*) \\(.\\) .*/\\1/' $p/stat) in R|S|D) "
                     "n=$((n+1));; esac; done 2>/dev/null; echo $n"});
    return std::stoi(said.out);
  }

  /// Ends the writer and reads its verdict: every page intact, and it has written since.
  void check_intact() { check_intact(instance->node().name() == node(0).name() ? 0 : 1); }
  /// The same where the instance does not know on which node it is.
  void check_intact(std::size_t at) {
    (void)on(node(at), {"sh", "-c",
                        "for p in /proc/[0-9]*; do read -r name <$p/comm && "
                        "[ \"$name\" = migbench-memory ] && kill -TERM ${p#/proc/}; "
                        "done 2>/dev/null"});
    const Finished finished = writer->wait(std::chrono::seconds(30));
    INFO(describe(finished));
    REQUIRE(finished.ok());
    const auto document = parse_json(finished.out, "the writer");
    CHECK(document.at("result").at("intact").get<bool>());
    CHECK(document.at("result").at("pages_written").get<std::uint64_t>() > 0);
  }

  /// Nothing of a move is left on either node.
  void check_clean() const {
    for (const auto& place : site->nodes()) {
      const Finished said = on(*place, {"sh", "-c",
                                        "ls -d /dev/shm/migbench-criu-* 2>/dev/null; "
                                        "for p in /proc/[0-9]*; do read -r n <$p/comm; "
                                        "case $n in criu*|migbench-criu*) echo $p $n;; esac; "
                                        "done 2>/dev/null"});
      CHECK(said.out.empty());
      INFO(place->name() << ": " << said.out);
    }
  }

  const Technique& technique;
  std::unique_ptr<Site> site;
  std::unique_ptr<Instance> instance;
  std::optional<Process> writer;
};

/// Moves it to the other node and back, with one copy alive at each moment; `check` looks at each
/// result.
template <class Check>
void move_there_and_back(MovedWriter& moved, Check check) {
  for (const std::size_t there : {1U, 0U}) {
    const auto migration = moved.technique.prepare(moved.request(there));
    CHECK(moved.live(1 - there) == 1);  // preparing pauses nothing
    const MoveResult result = migration->move();
    INFO(result.reason);
    REQUIRE(result.moved);
    CHECK(moved.instance->node().name() == moved.node(there).name());
    CHECK(moved.live(there) == 1);
    CHECK(moved.live(1 - there) == 0);
    CHECK(result.request_ns < result.done_ns);
    for (const Phase& one : result.phases) {
      CHECK(one.start_ns >= result.request_ns);
      CHECK(one.start_ns <= one.end_ns);
      CHECK(one.end_ns <= result.done_ns);
    }
    check(result);
  }
  moved.check_intact();
  moved.check_clean();
}

/// Makes what leaves a node slow: a token bucket on its address's link.
inline void throttle(const Node& node, const char* rate) {
  const Finished done = on(node, {"tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate,
                                  "burst", "64kb", "latency", "400ms"});
  if (!done.ok()) skip_test("the kernel has no tbf to slow a link: " + done.err);
}

}  // namespace migbench
