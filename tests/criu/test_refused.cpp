// A dump that is refused for a reason that passes: the move is tried again, and tells it.
#include <cstdlib>
#include <fstream>

#include <unistd.h>

#include "harness/migration/criu_supply.hpp"
#include "tests/criu/move_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// The real criu, but the first one on the source says what CRIU says of a connection of which a
/// part of a packet has been acknowledged. No test can bring that about at will.
class RefusingCriu {
 public:
  RefusingCriu()
      : directory_(find_program("migbench-exec").parent_path() /
                   fmt::format("refusing-{}", ::getpid())) {
    const char* named = std::getenv("MIGBENCH_CRIU");
    const fs::path real = named != nullptr             ? fs::path(named)
                          : fs::exists(private_criu()) ? private_criu()
                                                       : fs::path("/usr/sbin/criu");
    fs::create_directory(directory_);
    std::ofstream(program()) << fmt::format(
        "#!/bin/sh\n"
        "if [ \"$(hostname)\" = n1 ] && [ ! -e '{0}/refused' ]; then\n"
        "  : >'{0}/refused'\n"
        "  for logs in /dev/shm/migbench-criu-*/logs; do\n"
        "    echo '(00.1) Error (soccr/soccr.c:1): libsoccr_save() failed' >\"$logs/dump.log\"\n"
        "  done\n"
        "  dd bs=65536 count=1 <&3 >/dev/null 2>&1\n"
        "  exit 1\n"
        "fi\n"
        "exec '{1}' \"$@\"\n",
        directory_.string(), real.string());
    fs::permissions(program(), fs::perms::owner_all);
    ::setenv("MIGBENCH_CRIU", program().c_str(), 1);
  }
  ~RefusingCriu() {
    ::unsetenv("MIGBENCH_CRIU");
    fs::remove_all(directory_);
  }
  RefusingCriu(const RefusingCriu&) = delete;
  RefusingCriu& operator=(const RefusingCriu&) = delete;

  [[nodiscard]] fs::path program() const { return directory_ / "criu"; }

 private:
  fs::path directory_;
};

}  // namespace

TEST_CASE("a refusal that passes is tried again, and the record tells it") {
  const RefusingCriu criu;
  if (criu_supply().program != criu.program())
    skip_test("another criu was chosen before in this process, or none works: run this case alone");
  MovedWriter moved("criu-stop-copy");
  const MoveResult result = moved.technique.prepare(moved.request(1))->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  CHECK(result.facts.at("attempts") == 2);
  REQUIRE_FALSE(result.phases.empty());
  const Phase& refused = result.phases.front();
  CHECK(refused.name == "refused");
  CHECK(refused.details.at("reason").get<std::string>().find("libsoccr_save") != std::string::npos);
  CHECK(refused.start_ns >= result.request_ns);
  CHECK(refused.end_ns < result.done_ns);
  CHECK(moved.live(0) == 0);
  CHECK(moved.live(1) == 1);
  moved.check_intact();
}
