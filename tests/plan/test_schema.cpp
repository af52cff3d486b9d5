#include "bench/error.hpp"
#include "bench/sha256.hpp"
#include "harness/plan/schema.hpp"
#include "harness/plan/source_lines.hpp"
#include "harness/plan/suggest.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

std::vector<std::string> places(const char* schema, const char* document) {
  std::vector<std::string> list;
  for (const auto& complaint : check_schema(json::parse(schema), json::parse(document)))
    list.push_back(complaint.pointer);
  return list;
}

using Places = std::vector<std::string>;

}  // namespace

TEST_CASE("each keyword of the schemas is enforced") {
  CHECK(places(R"({"type": "integer"})", "1").empty());
  CHECK(places(R"({"type": "integer"})", "1.5") == Places{""});
  CHECK(places(R"({"type": "number"})", "1").empty());
  CHECK(places(R"({"type": ["string", "null"]})", "null").empty());
  CHECK(places(R"({"type": ["string", "null"]})", "true") == Places{""});
  CHECK(places(R"({"const": 1})", "2") == Places{""});
  CHECK(places(R"({"enum": ["a", 1]})", "1").empty());
  CHECK(places(R"({"enum": ["a", 1]})", "\"b\"") == Places{""});
  CHECK(places(R"({"minimum": 1, "maximum": 2})", "1").empty());
  CHECK(places(R"({"minimum": 1, "maximum": 2})", "3") == Places{""});
  CHECK(places(R"({"exclusiveMinimum": 0})", "0") == Places{""});
  CHECK(places(R"({"pattern": "^a+$"})", "\"aaa\"").empty());
  CHECK(places(R"({"pattern": "^a+$"})", "\"aab\"") == Places{""});
  CHECK(places(R"({"minLength": 1})", "\"\"") == Places{""});
  CHECK(places(R"({"minItems": 2})", "[1]") == Places{""});
  CHECK(places(R"({"uniqueItems": true})", "[1, 2, 1]") == Places{"/2"});
  CHECK(places(R"({"items": {"type": "string"}})", R"(["a", 1, 2])") == Places{"/1", "/2"});
  CHECK(places(R"({"required": ["a", "b"]})", R"({"a": 1})") == Places{""});
  CHECK(places(R"({"minProperties": 1})", "{}") == Places{""});
  CHECK(places(R"({"properties": {"a/b": {"const": 1}}})", R"({"a/b": 2})") == Places{"/a~1b"});
  CHECK(places(R"({"additionalProperties": false})", R"({"x~": 2})") == Places{"/x~0"});
  CHECK(places(R"({"additionalProperties": {"const": 1}})", R"({"x": 2, "y": 1})") == Places{"/x"});
  CHECK(places(R"({"anyOf": [{"type": "string"}, {"type": "array", "items": {"const": 1}}]})",
               "[1, 2]") == Places{"/1"});
  CHECK(places(R"({"$defs": {"n": {"minimum": 5}}, "items": {"$ref": "#/$defs/n"}})", "[5, 4]") ==
        Places{"/1"});
}

TEST_CASE("a schema with an unknown keyword is refused rather than half checked") {
  CHECK_THROWS_AS(check_schema(json::parse(R"({"multipleOf": 2})"), json(3)), std::logic_error);
}

TEST_CASE("lines are found in spite of comments, and double keys are refused") {
  const auto lines = source_lines("// c\n{\n \"a\": [1,\n  {\"b/c\":\n 2}] }", "t");
  CHECK(lines.at("") == 2);
  CHECK(lines.at("/a") == 3);
  CHECK(lines.at("/a/0") == 3);
  CHECK(lines.at("/a/1") == 4);
  CHECK(lines.at("/a/1/b~1c") == 4);
  CHECK_THROWS_AS(source_lines(R"({"a": {"b": 1, "b": 2}})", "t"), InputError);
  CHECK_NOTHROW(source_lines(R"([{"b": 1}, {"b": 2}])", "t"));
}

TEST_CASE("SHA-256 gives the published values") {
  // FIPS 180-2, B.1 to B.3, and the empty text.
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a mistyped name finds its neighbour, a foreign one does not") {
  const std::vector<std::string> known{"native", "container", "kvm"};
  CHECK(nearest("natvie", known) == "native");
  CHECK(nearest("contaner", known) == "container");
  CHECK(nearest("kwm", known) == "kvm");
  CHECK_FALSE(nearest("passthrough", known));
  CHECK_FALSE(nearest("", known));
}
