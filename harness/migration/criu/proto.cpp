#include "harness/migration/criu/proto.hpp"

#include "bench/error.hpp"

namespace migbench::criu {
namespace {

enum WireType : unsigned { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

}  // namespace

void ProtoWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U)
    bytes_.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
  bytes_.push_back(static_cast<char>(value));
}

ProtoWriter& ProtoWriter::number(unsigned field, std::uint64_t value) {
  varint(field << 3U | kVarint);
  varint(value);
  return *this;
}

ProtoWriter& ProtoWriter::text(unsigned field, std::string_view value) {
  varint(field << 3U | kBytes);
  varint(value.size());
  bytes_.append(value);
  return *this;
}

std::uint64_t ProtoReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1).front());
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80U) return value;
  }
  throw Error("a protobuf number of more than 64 bits");
}

std::string_view ProtoReader::take(std::uint64_t size) {
  if (size > rest_.size()) throw Error("a protobuf message that ends too early");
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::optional<ProtoField> ProtoReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t key = varint();
  ProtoField field{.field = static_cast<unsigned>(key >> 3U)};
  switch (key & 7U) {
    case kVarint:
      field.number = varint();
      break;
    case kBytes:
      field.bytes = take(varint());
      break;
    case kFixed64:
      (void)take(8);
      break;
    case kFixed32:
      (void)take(4);
      break;
    default:
      throw Error("a protobuf field of an unknown wire type");
  }
  return field;
}

}  // namespace migbench::criu
