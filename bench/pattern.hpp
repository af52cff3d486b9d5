// Checked contents: what the validation pass sends and looks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace migbench {

/// Fills `buffer` with a pseudo-random sequence that `seed` alone determines. Two seeds give
/// sequences that differ everywhere by chance, so that a message taken for another is found as well
/// as a changed, lost or shifted byte.
void fill_pattern(std::span<std::byte> buffer, std::uint64_t seed);

/// The opposite of what fill_pattern() writes: no byte of a buffer spoilt in this way is right
/// by accident, so that a byte that never arrived is always found.
void fill_spoilt(std::span<std::byte> buffer, std::uint64_t seed);

/// The offset of the first byte that is not the pattern's; nothing where all are right.
[[nodiscard]] std::optional<std::size_t> find_mismatch(std::span<const std::byte> buffer,
                                                       std::uint64_t seed);

}  // namespace migbench
