// The whole program under the real mpirun, against the engine's own search of the whole database.
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "apps/blast/database.hpp"
#include "apps/blast/synthetic.hpp"
#include "bench/document.hpp"
#include "tests/blast/fixture.hpp"

using namespace migbench;
using namespace migbench::blast;

namespace {

/// Without the leaks of Open MPI itself, which a build with the address sanitizer would complain
/// of.
std::string mpirun(int ranks, const std::string& options = "") {
  return fmt::format(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 ASAN_OPTIONS=detect_leaks=0 "
      "timeout -k 5 120 {} "
      "--oversubscribe --bind-to none {} -np {} {} ",
      MPIRUN, options, ranks, MIGBENCH_BLAST);
}

int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The engine alone on the uncut database.
std::string whole_search(const Scratch& scratch, const std::string& program,
                         const std::string& options) {
  const bool protein = program == "blastp";
  run_tool({"makeblastdb", "-in", (scratch.path / "db.fa").string(), "-dbtype",
            protein ? "prot" : "nucl", "-out", (scratch.path / "plain").string()});
  REQUIRE(
      shell(fmt::format("cd {} && {} -db plain -query q.fa -outfmt 6 {} > plain.tsv 2> plain.err",
                        scratch.path.string(), program, options)) == 0);
  return scratch.read("plain.tsv");
}

void compare(const Scratch& scratch, const std::string& program, unsigned fragments, int ranks,
             const std::string& engine_options, const std::string& plain_options) {
  const auto molecule = program == "blastp" ? Molecule::protein : Molecule::nucleotide;
  cut_database(scratch.path / "db.fa", molecule, fragments, scratch.path / "cut");
  const auto expected = whole_search(scratch, program, plain_options);
  CHECK(expected.size() > 1000);
  for (const int together : {1, 3}) {
    INFO("fragments searched together: " << together);
    const auto command = fmt::format(
        "cd {} && {} search --database cut --queries q.fa --output out.tsv --program {} "
        "--batch 5 --together {} --json doc.json {} >/dev/null",
        scratch.path.string(), mpirun(ranks), program, together, engine_options);
    REQUIRE(shell(command) == 0);
    CHECK(scratch.read("out.tsv") == expected);
  }
}

}  // namespace

TEST_CASE(
    "nucleotide hits, E-values and order equal a search of the whole database, ties included") {
  need_engine();
  const Scratch scratch;
  const auto spec = parse_spec("seed=11,sequences=400,mean_length=800,queries=23,duplicates=0.3");
  write_database(spec, scratch.path / "db.fa");
  write_queries(spec, scratch.path / "q.fa", scratch.path / "truth.tsv");
  compare(scratch, "blastn", 7, 4,
          "--engine-option=-task --engine-option=blastn --distribute --local local",
          "-task blastn");
  // A query that hits hundreds of subjects, cut at the limit.
  const auto document = read_json(scratch.path / "doc.json");
  CHECK(document.at("ranks").size() == 4);
  CHECK(document.at("lost_workers").empty());
}

TEST_CASE("protein hits equal a search of the whole database") {
  need_engine();
  const Scratch scratch;
  const auto spec = parse_spec(
      "type=prot,seed=12,sequences=300,mean_length=300,queries=12,query_length=200,duplicates=0.2");
  write_database(spec, scratch.path / "db.fa");
  write_queries(spec, scratch.path / "q.fa", scratch.path / "truth.tsv");
  compare(scratch, "blastp", 5, 3, "", "");
}

TEST_CASE("empty queries, queries without hits, and a hit list cut at its limit") {
  need_engine();
  const Scratch scratch;
  const auto spec = parse_spec("seed=13,sequences=60,mean_length=500,queries=4,unrelated=0");
  write_database(spec, scratch.path / "db.fa");
  std::string copies;
  const auto common = database_sequence(spec, 3).letters;
  for (int i = 0; i < 40; ++i)
    copies += fmt::format(">copy{}\n{}\n", i, common);
  std::ofstream(scratch.path / "db.fa", std::ios::app) << copies;
  (void)scratch.write(
      "q.fa",
      fmt::format(">empty\n>common\n{}\n>none\nACACACACACTTTTTTTTTGGGGGGG\n>empty2\n>common\n{}\n",
                  common, common.substr(0, 200)));
  compare(scratch, "blastn", 6, 3, "--max-target-seqs 25", "-max_target_seqs 25");
}

TEST_CASE("the program prepares its own data and finds what was planted") {
  need_engine();
  const Scratch scratch;
  const auto command = fmt::format(
      "{} search --synthetic seed=5,sequences=300,queries=30 --work {} -n 4 --verify --json {} > "
      "/dev/null",
      mpirun(3), (scratch.path / "parts").string(), (scratch.path / "doc.json").string());
  REQUIRE(shell(command) == 0);
  const auto document = read_json(scratch.path / "doc.json");
  CHECK(document.at("equals_whole_search") == true);
  const auto& truth = document.at("truth");
  CHECK(truth.at("planted_near").get<int>() > 3);
  CHECK(truth.at("found_near") == truth.at("planted_near"));
  const auto hash = document.at("output_hash");
  CHECK(document.at("prepare_s").get<double>() > 0);
  REQUIRE(shell(command) == 0);  // the same data, used again
  CHECK(read_json(scratch.path / "doc.json").at("output_hash") == hash);
}

TEST_CASE("wrong use ends with exit status 2 and hangs nobody") {
  const Scratch scratch;
  const auto quiet = " > /dev/null 2>&1";
  CHECK(shell(fmt::format("{} search --database /nonexistent --queries q --output o{}", mpirun(3),
                          quiet)) == 2);
  CHECK(shell(fmt::format("{} search --database {}{}", mpirun(2), scratch.path.string(), quiet)) ==
        2);
  CHECK(shell(fmt::format("{} search --synthetic seed=1 --work {}{}", mpirun(1),
                          scratch.path.string(), quiet)) == 2);
  CHECK(shell(fmt::format("{} generate --spec seed=x{}", MIGBENCH_BLAST, quiet)) == 2);
  CHECK(shell(fmt::format("{} search --synthetic seed=1 --work '{}/a b'{}", mpirun(2),
                          scratch.path.string(), quiet)) == 2);
  (void)scratch.write("bad.fa", ">a\nACGT\n>a\nACGT\n");
  CHECK(shell(fmt::format("{} cut {}/bad.fa {}/cut{}", MIGBENCH_BLAST, scratch.path.string(),
                          scratch.path.string(), quiet)) == 2);
}

TEST_CASE("a worker that dies loses no hit where the MPI lets the others live") {
  need_engine();
  if (shell(fmt::format("{} --enable-recovery --version > /dev/null 2>&1", MPIRUN)) != 0) {
    skip_test("this mpirun has no --enable-recovery: Open MPI 4 has");
  }
  const Scratch scratch;
  // A shell beside rank 2 kills it when the database is made and it has the engine searching.
  const auto wrapper = scratch.write(
      "rank.sh", fmt::format("#!/bin/sh\n"
                             "me=$$\n"
                             "[ \"$OMPI_COMM_WORLD_RANK\" = 2 ] && {{\n"
                             "  until [ -e {}/parts/made-from ]; do sleep 0.1; done\n"
                             "  until grep -q . /proc/$me/task/$me/children; do sleep 0.02; done\n"
                             "  kill -9 $me\n"
                             "}} &\n"
                             "exec \"$@\"\n",
                             scratch.path.string()));
  std::filesystem::permissions(wrapper, std::filesystem::perms::owner_all);
  auto launcher = mpirun(4, "--enable-recovery --mca pml ob1 --mca btl tcp,self");
  launcher.insert(launcher.rfind(MIGBENCH_BLAST), wrapper.string() + " ");
  const auto command = fmt::format(
      "{} search --synthetic seed=5,sequences=6000,mean_length=2000,queries=120 --work {} -n 6 "
      "--batch 4 --patience 3 --local {} --verify --json {} > /dev/null 2>&1",
      launcher, (scratch.path / "parts").string(), scratch.path.string(),
      (scratch.path / "doc.json").string());
  CHECK(shell(command) == 0);
  const auto document = read_json(scratch.path / "doc.json");
  CHECK(document.at("lost_workers") == nlohmann::json::array({2}));
  CHECK(document.at("equals_whole_search") == true);
}
