#include "harness/plan/schema.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/plan/suggest.hpp"
#include "migbench_schemas.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 25> kKeywords{
    "$schema",       "$id",   "$defs",    "$ref",        "title",    "description",
    "default",       "type",  "const",    "enum",        "required", "properties",
    "minItems",      "items", "examples", "uniqueItems", "minimum",  "exclusiveMinimum",
    "minProperties", "anyOf", "pattern",  "minLength",   "$comment", "additionalProperties",
    "maximum"};

std::string type_name(const json& value) {
  if (value.is_number_integer()) return "integer";
  return value.type_name();
}

bool has_type(const json& value, const std::string& type) {
  if (type == "number") return value.is_number();
  return type_name(value) == type;
}

std::vector<std::string> strings(const json& list) {
  if (list.is_string()) return {list.get<std::string>()};
  std::vector<std::string> texts;
  for (const auto& item : list)
    texts.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  return texts;
}

std::string escaped(std::string key) {
  // RFC 6901: '~' and '/' cannot stand in a pointer as they are.
  for (std::size_t at = 0; (at = key.find_first_of("~/", at)) != std::string::npos; at += 2)
    key.replace(at, 1, key[at] == '~' ? "~0" : "~1");
  return key;
}

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  std::vector<Complaint> check(const json& schema, const json& value, const std::string& at) {
    complaints_.clear();
    visit(schema, value, at);
    return std::move(complaints_);
  }

 private:
  void complain(const std::string& at, std::string message) {
    complaints_.push_back({at, std::move(message)});
  }

  void visit(const json& schema, const json& value, const std::string& at) {
    for (const auto& [keyword, unused] : schema.items()) {
      if (std::find(kKeywords.begin(), kKeywords.end(), keyword) == kKeywords.end())
        throw std::logic_error("schema keyword that is not checked: " + keyword);
    }
    if (schema.contains("$ref")) {
      const auto name = schema["$ref"].get<std::string>();
      visit(root_.at(json::json_pointer(name.substr(1))), value, at);
    }
    if (!right_kind(schema, value, at)) return;
    if (schema.contains("anyOf")) any_of(schema["anyOf"], value, at);
    if (value.is_number()) number(schema, value, at);
    if (value.is_string()) text(schema, value.get_ref<const std::string&>(), at);
    if (value.is_array()) array(schema, value, at);
    if (value.is_object()) object(schema, value, at);
  }

  bool right_kind(const json& schema, const json& value, const std::string& at) {
    if (schema.contains("type")) {
      const auto types = strings(schema["type"]);
      if (std::none_of(types.begin(), types.end(),
                       [&](const auto& type) { return has_type(value, type); })) {
        complain(at, fmt::format("{} is of type {}; allowed: {}", quote_value(value),
                                 type_name(value), fmt::join(types, ", ")));
        return false;
      }
    }
    if (schema.contains("const") && schema["const"] != value) {
      complain(at, fmt::format("{} is not allowed; it must be {}", quote_value(value),
                               schema["const"].dump()));
      return false;
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
      const auto typed = value.is_string() ? value.get<std::string>() : value.dump();
      complain(at, fmt::format("{} is not known{}", quote_value(value),
                               suggestion(typed, strings(schema["enum"]))));
      return false;
    }
    return true;
  }

  /// Where no alternative fits, the complaints of the one that came deepest into the value are the
  /// ones that help; where none came inside, the types that would do are named.
  void any_of(const json& alternatives, const json& value, const std::string& at) {
    std::vector<Complaint> best;
    std::vector<std::string> types;
    for (const auto& alternative : alternatives) {
      auto found = Checker(root_).check(alternative, value, at);
      if (found.empty()) return;
      if (alternative.contains("type"))
        std::ranges::copy(strings(alternative["type"]), std::back_inserter(types));
      const bool typed_right = found[0].pointer != at || !wrong_type(alternative, value);
      if (typed_right && best.empty()) best = std::move(found);
    }
    if (best.empty()) {
      complain(at, fmt::format("{} is of type {}; allowed: {}", quote_value(value),
                               type_name(value), fmt::join(types, ", ")));
    }
    std::ranges::move(best, std::back_inserter(complaints_));
  }

  static bool wrong_type(const json& schema, const json& value) {
    if (!schema.contains("type")) return true;
    const auto types = strings(schema["type"]);
    return std::none_of(types.begin(), types.end(),
                        [&](const auto& type) { return has_type(value, type); });
  }

  void number(const json& schema, const json& value, const std::string& at) {
    const auto has = [&](const char* keyword) { return schema.contains(keyword); };
    if (has("minimum") && value < schema["minimum"])
      complain(at, fmt::format("{} is too small; the least is {}", value.dump(),
                               schema["minimum"].dump()));
    if (has("exclusiveMinimum") && value <= schema["exclusiveMinimum"])
      complain(at, fmt::format("{} is too small; it must be more than {}", value.dump(),
                               schema["exclusiveMinimum"].dump()));
    if (has("maximum") && value > schema["maximum"])
      complain(at, fmt::format("{} is too large; the most is {}", value.dump(),
                               schema["maximum"].dump()));
  }

  void text(const json& schema, const std::string& value, const std::string& at) {
    if (schema.contains("minLength") && value.size() < schema["minLength"].get<std::size_t>())
      complain(at, "an empty text is not allowed");
    if (!schema.contains("pattern")) return;
    const auto pattern = schema["pattern"].get<std::string>();
    if (!std::regex_search(value, std::regex(pattern, std::regex::ECMAScript))) {
      complain(at, fmt::format("{} is not allowed; it must {}", quote_value(value),
                               schema.value("$comment", "match " + pattern)));
    }
  }

  void array(const json& schema, const json& value, const std::string& at) {
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>())
      complain(at, fmt::format("a list of {} is too short; the least is {}", value.size(),
                               schema["minItems"].dump()));
    if (schema.value("uniqueItems", false)) {
      for (std::size_t i = 1; i < value.size(); ++i) {
        const auto before = value.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(value.begin(), before, value[i]) != before)
          complain(fmt::format("{}/{}", at, i),
                   fmt::format("{} stands twice", quote_value(value[i])));
      }
    }
    if (!schema.contains("items")) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      visit(schema["items"], value[i], fmt::format("{}/{}", at, i));
  }

  void object(const json& schema, const json& value, const std::string& at) {
    const json properties = schema.value("properties", json::object());
    std::vector<std::string> known;
    for (const auto& [key, unused] : properties.items())
      known.push_back(key);
    if (schema.contains("minProperties") &&
        value.size() < schema["minProperties"].get<std::size_t>())
      complain(at, "an empty object is not allowed" + suggestion("", known));
    for (const auto& key : schema.value("required", json::array())) {
      if (!value.contains(key))
        complain(at, fmt::format("'{}' is missing", key.get<std::string>()));
    }
    for (const auto& [key, inner] : value.items()) {
      const auto place = at + "/" + escaped(key);
      if (properties.contains(key)) {
        visit(properties[key], inner, place);
      } else if (schema.contains("additionalProperties")) {
        const json& rest = schema["additionalProperties"];
        if (rest.is_object()) visit(rest, inner, place);
        if (rest == json(false))
          complain(place, fmt::format("'{}' is not known here{}", key, suggestion(key, known)));
      }
    }
  }

  const json& root_;
  std::vector<Complaint> complaints_;
};

}  // namespace

std::vector<Complaint> check_schema(const json& schema, const json& document) {
  return Checker(schema).check(schema, document, "");
}

const json& published_schema(std::string_view name) {
  static const std::map<std::string, json, std::less<>> schemas = [] {
    std::map<std::string, json, std::less<>> parsed;
    for (const auto& [file, text] : kSchemas)
      parsed.emplace(file, json::parse(text));
    return parsed;
  }();
  const auto found = schemas.find(name);
  if (found == schemas.end()) throw std::logic_error("no published schema " + std::string(name));
  return found->second;
}

std::string quote_value(const json& value) {
  constexpr std::size_t kMost = 60;
  if (value.is_object()) return "{...}";
  if (value.is_array()) return "[...]";
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (value.is_string()) text = "'" + text.substr(1, text.size() - 2) + "'";
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

}  // namespace migbench
