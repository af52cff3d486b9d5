// A report as tables: what stands where is decided once, here, for all formats that show tables.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

enum class Tone { plain, good, bad, equal, unsure };

struct Text {
  std::string text;
  Tone tone = Tone::plain;
};

struct TableView {
  std::string title;    ///< "mpi-latency: latency (us, lower is better), n = 6"
  std::string caption;  ///< "virtual nodes": the labels of its numbers; may be empty
  std::vector<std::string> header;
  std::vector<std::vector<Text>> rows;
  std::vector<std::string> notes;
};

/// The report's head, one statement each: what ran, what did not, how it was compared.
[[nodiscard]] std::vector<Text> head_lines(const nlohmann::json& report);

/// All tables in reading order. A table with a column an environment that would be wider than
/// `width` letters has a row an environment instead.
[[nodiscard]] std::vector<TableView> layout(const nlohmann::json& report, std::size_t width);

/// The parts of it.
[[nodiscard]] std::vector<TableView> measure_tables(const nlohmann::json& report,
                                                    std::size_t width);
[[nodiscard]] std::vector<TableView> migration_tables(const nlohmann::json& report,
                                                      std::size_t width);
[[nodiscard]] std::vector<TableView> hypervisor_tables(const nlohmann::json& report);
[[nodiscard]] std::vector<TableView> sweep_tables(const nlohmann::json& report);
[[nodiscard]] std::vector<TableView> published_tables(const nlohmann::json& report);
[[nodiscard]] std::vector<TableView> not_run_tables(const nlohmann::json& report);

/// Takes the columns of these names that say the same in every row out, and says it in the title.
void fold_shared_columns(TableView& table, const std::vector<std::string>& names);

/// Letters in the widest line of a table with two blanks between columns; UTF-8 counts by code
/// point.
[[nodiscard]] std::size_t table_width(const TableView& table);
[[nodiscard]] std::size_t text_width(const std::string& text);

}  // namespace migbench
