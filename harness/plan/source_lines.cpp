#include "harness/plan/source_lines.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// Reads a text and counts the lines that the parser has taken: the parser tells its position only
/// in error messages.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  int* line_;
};

class Locator : public json::json_sax_t {
 public:
  Locator(const int& line, std::string origin) : line_(line), origin_(std::move(origin)) {}

  std::map<std::string, int> lines;

  bool null() override { return value(); }
  bool boolean(bool /*unused*/) override { return value(); }
  bool number_integer(number_integer_t /*unused*/) override { return value(); }
  bool number_unsigned(number_unsigned_t /*unused*/) override { return value(); }
  bool number_float(number_float_t /*unused*/, const string_t& /*unused*/) override {
    return value();
  }
  bool string(string_t& /*unused*/) override { return value(); }
  bool binary(binary_t& /*unused*/) override { return value(); }
  bool start_object(std::size_t /*unused*/) override { return open(false); }
  bool start_array(std::size_t /*unused*/) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    std::string escaped;
    for (const char letter : name)
      escaped += letter == '~' ? "~0" : letter == '/' ? "~1" : std::string(1, letter);
    next_ = stack_.back().pointer + "/" + escaped;
    if (const auto [known, fresh] = lines.emplace(next_, line_); !fresh) {
      throw InputError(
          fmt::format("{}:{}: at {}: the key '{}' stands a second time; the first is "
                      "in line {}: remove one",
                      origin_, line_, next_, name, known->second));
    }
    return true;
  }
  bool parse_error(std::size_t /*unused*/, const std::string& /*unused*/,
                   const nlohmann::detail::exception& /*unused*/) override {
    return false;
  }

 private:
  struct Level {
    std::string pointer;
    bool array = false;
    std::size_t count = 0;
  };

  /// The pointer of the value that begins now.
  std::string begin() {
    if (stack_.empty()) return "";
    auto& level = stack_.back();
    return level.array ? fmt::format("{}/{}", level.pointer, level.count++) : next_;
  }
  bool value() {
    lines.emplace(begin(), line_);
    return true;
  }
  bool open(bool array) {
    auto pointer = begin();
    lines.emplace(pointer, line_);
    stack_.push_back({std::move(pointer), array, 0});
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  const int& line_;
  std::string origin_;
  std::string next_;
  std::vector<Level> stack_;
};

}  // namespace

std::map<std::string, int> source_lines(const std::string& text, const std::string& origin) {
  int line = 1;
  Locator locator(line, origin);
  json::sax_parse(CountingIterator(text.data(), &line),
                  CountingIterator(text.data() + text.size(), &line), &locator,
                  json::input_format_t::json, true, true);
  return std::move(locator.lines);
}

}  // namespace migbench
