// Protocol buffers on the wire (protobuf.dev/programming-guides/encoding), as much of them as
// CRIU's RPC, its image streamer and its statistics use: varints and length-delimited fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migbench::criu {

class ProtoWriter {
 public:
  ProtoWriter& number(unsigned field, std::uint64_t value);
  /// Negative numbers are sign-extended to 64 bits, as int32 fields are.
  ProtoWriter& integer(unsigned field, std::int64_t value) {
    return number(field, static_cast<std::uint64_t>(value));
  }
  ProtoWriter& text(unsigned field, std::string_view value);
  ProtoWriter& message(unsigned field, const ProtoWriter& value) {
    return text(field, value.bytes_);
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  void varint(std::uint64_t value);
  std::string bytes_;
};

struct ProtoField {
  unsigned field = 0;
  std::uint64_t number = 0;  ///< of a varint or fixed field
  std::string_view bytes{};  ///< of a length-delimited field; into the reader's text
};

class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : rest_(bytes) {}
  /// The next field, nothing at the end. Throws Error for what is no message.
  [[nodiscard]] std::optional<ProtoField> next();

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t size);
  std::string_view rest_;
};

}  // namespace migbench::criu
