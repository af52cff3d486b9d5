// Checks a document against a published JSON Schema, so that the schema in results/schema and what
// migbench accepts can never differ.
//
// The keywords that those schemas use: type, const, enum, required, properties,
// additionalProperties, items, minItems, uniqueItems, minimum, exclusiveMinimum, maximum, pattern,
// minLength, minProperties, anyOf and $ref to "#/$defs/NAME"
// (json-schema.org/draft/2020-12). A schema with another keyword is refused: nothing is silently
// left unchecked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

struct Complaint {
  std::string pointer;  ///< JSON Pointer (RFC 6901) of the place: "/experiments/0/workload"
  std::string message;  ///< with the wrong value and the allowed ones
};

/// In the order of the document; empty where it is valid. Throws std::logic_error for a schema that
/// uses an unknown keyword.
[[nodiscard]] std::vector<Complaint> check_schema(const nlohmann::json& schema,
                                                  const nlohmann::json& document);

/// A schema of results/schema by its file name, "plan" or "record"; it is compiled in.
[[nodiscard]] const nlohmann::json& published_schema(std::string_view name);

/// A value as a message quotes it: JSON, cut after some letters.
[[nodiscard]] std::string quote_value(const nlohmann::json& value);

}  // namespace migbench
