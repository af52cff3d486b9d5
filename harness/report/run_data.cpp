#include "harness/report/run_data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/plan/schema.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_object(const fs::path& file) {
  if (!fs::is_regular_file(file)) {
    throw InputError(fmt::format("{}: there is no such file: is {} the directory of a run?",
                                 file.string(), file.parent_path().string()));
  }
  json document = read_json(file);
  if (!document.is_object())
    throw InputError(fmt::format("{}: at /: must be an object", file.string()));
  return document;
}

/// What a cell must be, taken from the record's schema.
json cell_schema() {
  json schema = published_schema("record");
  json definition = schema.at("$defs").at("cell");
  definition["$defs"] = schema.at("$defs");
  return definition;
}

std::vector<Cell> read_cells(const fs::path& file) {
  const json document = read_object(file);
  if (!document.contains("cells") || !document.at("cells").is_array())
    throw InputError(fmt::format("{}: at /cells: must be the list of cells", file.string()));
  const json schema = cell_schema();
  std::vector<Cell> cells;
  for (const json& cell : document.at("cells")) {
    if (const auto complaints = check_schema(schema, cell); !complaints.empty()) {
      throw InputError(fmt::format("{}: at /cells/{}{}: {}", file.string(), cells.size(),
                                   complaints[0].pointer, complaints[0].message));
    }
    cells.push_back(cell_from_json(cell));
  }
  return cells;
}

}  // namespace

RunData read_run(const fs::path& directory) {
  if (!fs::is_directory(directory))
    throw InputError(fmt::format("{}: there is no such directory", directory.string()));
  RunData data;
  data.name = fs::canonical(directory).filename().string();
  data.run = read_object(directory / "run.json");
  data.plan = read_object(directory / "plan.json");
  data.cells = read_cells(directory / "cells.json");
  data.records = read_records(directory);
  for (const Record& record : data.records) {
    const bool known = std::any_of(data.cells.begin(), data.cells.end(),
                                   [&](const Cell& cell) { return cell.id == record.cell.id; });
    if (!known) {
      throw InputError(fmt::format(
          "{}: at /cell/id: '{}' is no cell of this run's cells.json",
          (directory / "records" / record_file_name(record.cell.id, record.trial)).string(),
          record.cell.id));
    }
  }
  return data;
}

}  // namespace migbench
