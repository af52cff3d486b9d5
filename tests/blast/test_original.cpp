// The contract with an installed mpiBLAST, which no distribution has: stand-ins keep their command
// lines, and "search" with the engine, so that what the wrapper asks for and reads back is checked.
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/blast/time_profile.hpp"
#include "bench/document.hpp"
#include "tests/blast/fixture.hpp"

using namespace migbench;
using namespace migbench::blast;

namespace {

void script(const Scratch& scratch, const std::string& name, const std::string& body) {
  const auto file = scratch.write(name, "#!/bin/sh\n" + body);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
}

std::string command(const Scratch& scratch, const std::string& further = "") {
  return fmt::format(
      "cd {0} && PATH={0}:$PATH OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout "
      "60 {1} --oversubscribe --bind-to none -np 3 "
      "{2} original --synthetic seed=2,sequences=40,queries=9,mean_length=400 --work {0}/work -n 3 "
      "--json {0}/doc.json {3} > out 2>&1",
      scratch.path.string(), MPIRUN, MIGBENCH_BLAST, further);
}

}  // namespace

TEST_CASE("contract: mpiBLAST is prepared, configured, run and checked as documented") {
  need_engine();
  const Scratch scratch;
  script(scratch, "mpiformatdb",
         "echo \"$@\" > formatdb.argv\nmakeblastdb -in $4 -dbtype nucl > /dev/null\n");
  script(scratch, "mpiblast",
         "echo \"$@\" > mpiblast.argv.$OMPI_COMM_WORLD_RANK\ncat $NCBI/.ncbirc > ncbirc\n"
         "[ $OMPI_COMM_WORLD_RANK = 0 ] || exit 0\n"
         "blastn -db $MPIBLAST_SHARED/$2 -query $4 -outfmt 6 -out ${10}\necho 'search 1.5' > "
         "${11#--time-profile=}\n");
  REQUIRE(std::system(command(scratch).c_str()) == 0);
  const auto work = (scratch.path / "work").string();
  CHECK(scratch.read("formatdb.argv") == fmt::format("-N 3 -i {}/database.fa -p F\n", work));
  const auto expected = fmt::format(
      "-d database.fa -i {0}/queries.fa -p blastn -m 8 -o {0}/hits.tsv "
      "--time-profile={0}/profile\n",
      work);
  for (int rank = 0; rank < 3; ++rank)
    CHECK(scratch.read(fmt::format("mpiblast.argv.{}", rank)) == expected);
  CHECK(scratch.read("ncbirc").find(fmt::format("[mpiBLAST]\nShared={0}\nLocal={0}\n", work)) !=
        std::string::npos);
  const auto document = read_json(scratch.path / "doc.json");
  CHECK(document.at("time_profile").at("text") == "search 1.5\n");
  CHECK(document.at("truth").at("planted").get<int>() > 0);
  CHECK(document.at("search_s").get<double>() > 0);
}

TEST_CASE(
    "contract: a host's first rank makes the data where no directory is shared, and the time is "
    "mpiBLAST's own") {
  need_engine();
  const Scratch scratch;
  script(scratch, "mpiformatdb",
         "echo $OMPI_COMM_WORLD_RANK >> makers\nmakeblastdb -in $4 -dbtype nucl -out "
         "$4.$OMPI_COMM_WORLD_RANK > /dev/null\n");
  script(scratch, "mpiblast",
         "[ $OMPI_COMM_WORLD_RANK = 0 ] || exit 0\n"
         "blastn -db $MPIBLAST_SHARED/$2.0 -query $4 -outfmt 6 -out ${10}\n"
         "echo 'overall execution time: 0.0625' > ${11#--time-profile=}\n");
  REQUIRE(std::system(command(scratch, "--each-host").c_str()) == 0);
  CHECK(scratch.read("makers") == "0\n");
  const auto document = read_json(scratch.path / "doc.json");
  CHECK(document.at("search_s") == 0.0625);
  CHECK(document.at("program_s").get<double>() > 0);
}

TEST_CASE(
    "the time profile is read as mpiBLAST 1.6 writes it, and what it does not know stays text") {
  const std::string text =
      "group profile: query_broadcast, max_search, avg_search\n"
      "0, 0.000431606, 0.027613, 0.0273164\n"
      "1, 1e-6, 2, 3\n"
      "system initialization time: 0.00171676\n"
      "overall execution time: 0.170634\n"
      "worker: none\n2, 3\n\n";
  const auto profile = read_time_profile(text);
  CHECK(profile.at("text") == text);
  CHECK(profile.at("groups").size() == 2);
  CHECK(profile.at("groups").at(1).at("group") == 1);
  CHECK(profile.at("groups").at(0).at("max_search") == 0.027613);
  CHECK(profile.at("seconds").size() == 2);
  CHECK(profile.at("seconds").at("overall execution time") == 0.170634);
  CHECK(read_time_profile("").at("groups").empty());
}

TEST_CASE("contract: an mpiBLAST that fails is a failure with its words, never a number") {
  need_engine();
  const Scratch scratch;
  script(scratch, "mpiformatdb", "exit 0\n");
  script(scratch, "mpiblast", "echo 'segmentation fault in the toolkit' >&2; exit 7\n");
  CHECK(std::system(command(scratch).c_str()) != 0);
  CHECK_FALSE(std::filesystem::exists(scratch.path / "doc.json"));
  CHECK(scratch.read("out").find("segmentation fault in the toolkit") != std::string::npos);
}
