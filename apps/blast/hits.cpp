#include "apps/blast/hits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

constexpr std::size_t kColumnCount = 13;
constexpr std::size_t kEvalue = 10;
constexpr std::size_t kScore = 12;

using Columns = std::array<std::string_view, kColumnCount>;

[[noreturn]] void refuse(std::string_view line) {
  throw Error(fmt::format("the engine printed a line that is no hit: '{}'", line.substr(0, 200)));
}

Columns split(std::string_view line) {
  Columns columns;
  std::size_t begin = 0;
  for (std::size_t c = 0; c < kColumnCount; ++c) {
    const auto end = line.find('\t', begin);
    if ((end == std::string_view::npos) != (c + 1 == kColumnCount)) refuse(line);
    columns.at(c) = line.substr(begin, end == std::string_view::npos ? end : end - begin);
    begin = end + 1;
  }
  return columns;
}

template <class Number>
Number number(std::string_view text, std::string_view line) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  // An E-value below the smallest double is printed with its digits and means 0.
  if (code == std::errc::result_out_of_range) return Number{};
  if (code != std::errc{} || end != text.data() + text.size()) refuse(line);
  return value;
}

}  // namespace

std::vector<QueryHits> parse_hits(std::string_view text) {
  std::vector<QueryHits> all;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const Columns columns = split(line);
    const auto query = number<std::uint64_t>(columns[0], line);
    const auto subject = number<std::uint64_t>(columns[1], line);
    const auto evalue = number<double>(columns[kEvalue], line);
    const auto score = number<std::int64_t>(columns[kScore], line);
    if (all.empty() || all.back().query != query) all.push_back({query, {}});
    auto& subjects = all.back().subjects;
    if (subjects.empty() || subjects.back().subject != subject) {
      subjects.push_back({subject,
                          std::numeric_limits<double>::infinity(),
                          std::numeric_limits<std::int64_t>::min(),
                          {}});
    }
    auto& hits = subjects.back();
    hits.best_evalue = std::min(hits.best_evalue, evalue);
    hits.best_score = std::max(hits.best_score, score);
    // From the third column up to the raw score, which the user did not ask for.
    const auto* begin = columns[2].data();
    const auto* stop = columns[kScore].data() - 1;
    hits.lines.emplace_back(begin, static_cast<std::size_t>(stop - begin));
  }
  return all;
}

void add_hits(QueryHits& all, QueryHits part) {
  all.query = part.query;
  all.subjects.insert(all.subjects.end(), std::make_move_iterator(part.subjects.begin()),
                      std::make_move_iterator(part.subjects.end()));
}

void order_hits(QueryHits& all, std::size_t most) {
  // The engine takes E-values below 1e-180 for equal; it prints them as 0.0, so that they are equal
  // here too.
  std::sort(all.subjects.begin(), all.subjects.end(),
            [](const SubjectHits& a, const SubjectHits& b) {
              if (a.best_evalue != b.best_evalue) return a.best_evalue < b.best_evalue;
              if (a.best_score != b.best_score) return a.best_score > b.best_score;
              return a.subject > b.subject;
            });
  if (all.subjects.size() > most) all.subjects.resize(most);
}

std::string print_hits(const QueryHits& hits, const std::string& query_name,
                       const std::vector<std::string>& subject_names) {
  std::string text;
  for (const SubjectHits& subject : hits.subjects) {
    for (const std::string& line : subject.lines) {
      text += fmt::format("{}\t{}\t{}\n", query_name, subject_names.at(subject.subject), line);
    }
  }
  return text;
}

}  // namespace migbench::blast
